"""The calendar file against RFC 5545. The library writes it; what is held here is what we ask of it."""

from datetime import UTC, date, datetime, timedelta

from core.calendar_file import DAY_BEFORE, Entry, calendar_of, morning

WRITTEN = datetime(2026, 11, 25, 1, 9, 22, tzinfo=UTC)
LONGEST_LINE = 75  # octets, §3.1


def entry(**change):
    values = {
        "uid": "message-7@zc.example.cn",
        "begins": date(2027, 1, 15),
        "title": "一次性创业补贴",
        "text": "从今天起可以申请。",
        "url": "https://zc.example.cn/inbox/7/",
    }
    return Entry(**{**values, **change})


def written(**change):
    return calendar_of([entry(**change)], WRITTEN)


def unfolded(raw):
    """The file's properties in order, lines that were cut put together again (§3.1)."""
    text = raw.decode().replace("\r\n ", "")
    assert text.endswith("\r\n")
    return [line.partition(":")[::2] for line in text.removesuffix("\r\n").split("\r\n")]


def test_a_whole_day_is_one_event_without_a_zone():
    assert unfolded(written()) == [
        ("BEGIN", "VCALENDAR"),
        ("PRODID", "-//Policy Express//ZH"),
        ("VERSION", "2.0"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", "message-7@zc.example.cn"),
        ("SEQUENCE", "0"),
        ("DTSTAMP", "20261125T010922Z"),
        ("DTSTART;VALUE=DATE", "20270115"),
        ("DTEND;VALUE=DATE", "20270116"),  # the first day that is no longer part of it (§3.6.1)
        ("TRANSP", "TRANSPARENT"),
        ("SUMMARY", "一次性创业补贴"),
        ("DESCRIPTION", "从今天起可以申请。"),
        ("URL", "https://zc.example.cn/inbox/7/"),
        ("STATUS", "CONFIRMED"),
        ("CLASS", "PRIVATE"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_hours_are_said_in_universal_time_with_where_and_when_to_be_told():
    begins = datetime.fromisoformat("2027-01-15T19:00:00+08:00")

    found = dict(
        unfolded(
            written(begins=begins, ends=begins + timedelta(hours=2), place="市职校三楼", alarms=(DAY_BEFORE,))
        )
    )

    assert (found["DTSTART"], found["DTEND"]) == ("20270115T110000Z", "20270115T130000Z")
    assert (found["LOCATION"], found["TRIGGER"], found["ACTION"]) == ("市职校三楼", "-P1D", "DISPLAY")
    assert "TRANSP" not in found


def test_a_whole_day_is_told_of_at_nine_in_the_morning():
    triggers = [
        value
        for name, value in unfolded(written(alarms=(morning(7), morning(1), morning())))
        if name == "TRIGGER"
    ]

    assert triggers == ["-P6DT15H", "-PT15H", "PT9H"]


def test_what_is_over_is_cancelled_and_what_is_beside_it_stands():
    over, both = written(stands=False), calendar_of([entry(stands=False), entry(uid="b")], WRITTEN)

    assert (dict(unfolded(over))["METHOD"], dict(unfolded(over))["STATUS"]) == ("CANCEL", "CANCELLED")
    assert dict(unfolded(both))["METHOD"] == "PUBLISH"
    assert [value for name, value in unfolded(both) if name == "STATUS"] == ["CANCELLED", "CONFIRMED"]


def test_a_calendar_one_subscribes_to_has_a_name_and_says_when_to_come_again():
    found = dict(unfolded(calendar_of([], WRITTEN, name="政策直通车", refreshed_after=timedelta(hours=12))))

    assert (found["METHOD"], found["X-WR-CALNAME"]) == ("PUBLISH", "政策直通车")
    assert (found["REFRESH-INTERVAL;VALUE=DURATION"], found["X-PUBLISHED-TTL"]) == ("PT12H", "PT12H")


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut():
    for length in range(1, 120):
        text = ("字a𰻞" * length)[:length]

        raw = written(text=text)

        lines = raw.split(b"\r\n")
        assert max(map(len, lines)) <= LONGEST_LINE
        assert [line.decode() for line in lines if b"\n" in line or b"\r" in line] == []
        assert dict(unfolded(raw))["DESCRIPTION"] == text


def test_what_means_something_in_the_format_is_escaped():
    raw = written(text="一，500 元,二;三\\四\r\n五\n六\r七", title="有\x07铃")

    found = dict(unfolded(raw))

    assert found["DESCRIPTION"] == "一，500 元\\,二\\;三\\\\四\\n五\\n六\\n七"
    assert found["SUMMARY"] == "有铃"


def test_the_last_day_of_a_year_ends_in_the_next():
    assert dict(unfolded(written(begins=date(2027, 12, 31))))["DTEND;VALUE=DATE"] == "20280101"


def test_the_same_thing_keeps_its_uid_whatever_is_said_of_it():
    first, second = dict(unfolded(written())), dict(unfolded(written(title="改了", begins=date(2027, 2, 1))))

    assert first["UID"] == second["UID"]
