"""The calendar file against RFC 5545."""

from datetime import UTC, date, datetime

from core.calendar_file import LONGEST_LINE, Day, calendar_of

WRITTEN = datetime(2026, 11, 25, 1, 9, 22, tzinfo=UTC)


def written(**change):
    values = {
        "uid": "message-7@zc.example.cn",
        "on": date(2027, 1, 15),
        "title": "一次性创业补贴",
        "text": "从今天起可以申请。",
        "url": "https://zc.example.cn/inbox/7/",
        "written_at": WRITTEN,
    }
    return calendar_of(Day(**{**values, **change}))


def unfolded(raw):
    """The file's properties in order, lines that were cut put together again (§3.1)."""
    text = raw.decode().replace("\r\n ", "")
    assert text.endswith("\r\n")
    return [line.partition(":")[::2] for line in text.removesuffix("\r\n").split("\r\n")]


def test_it_is_one_event_of_one_whole_day():
    assert unfolded(written()) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Policy Express//ZH"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", "message-7@zc.example.cn"),
        ("DTSTAMP", "20261125T010922Z"),
        ("DTSTART;VALUE=DATE", "20270115"),
        ("DTEND;VALUE=DATE", "20270116"),  # the first day that is no longer part of it (§3.6.1)
        ("SUMMARY", "一次性创业补贴"),
        ("DESCRIPTION", "从今天起可以申请。"),
        ("URL", "https://zc.example.cn/inbox/7/"),
        ("CLASS", "PRIVATE"),
        ("TRANSP", "TRANSPARENT"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut():
    for length in range(1, 120):
        text = ("字a𰻞" * length)[:length]

        raw = written(text=text)

        lines = raw.split(b"\r\n")
        assert max(map(len, lines)) <= LONGEST_LINE
        assert [line.decode() for line in lines if b"\n" in line or b"\r" in line] == []
        assert dict(unfolded(raw))["DESCRIPTION"] == text


def test_what_means_something_in_the_format_is_escaped():
    raw = written(text="一，500 元,二;三\\四\r\n五\n六", title="有\x07铃")

    found = dict(unfolded(raw))

    assert found["DESCRIPTION"] == "一，500 元\\,二\\;三\\\\四\\n五\\n六"
    assert found["SUMMARY"] == "有铃"


def test_the_last_day_of_a_year_ends_in_the_next():
    assert dict(unfolded(written(on=date(2027, 12, 31))))["DTEND;VALUE=DATE"] == "20280101"


def test_the_same_thing_keeps_its_uid_whatever_is_said_of_it():
    first, second = dict(unfolded(written())), dict(unfolded(written(title="改了", on=date(2027, 2, 1))))

    assert first["UID"] == second["UID"]
