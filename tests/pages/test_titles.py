from .addresses import PAGES


def test_every_page_has_a_title_of_its_own(client, catalogue_loaded):
    titles = {}
    for address, status in PAGES.items():
        text = client.get(address).content.decode()
        title = text.partition("<title>")[2].partition("</title>")[0]
        titles.setdefault((title, status == 404), []).append(address.partition("?")[0])

    assert all(title.removesuffix(" - 六盘水政策直通车") != title for title, _ in titles)
    assert [found for (_, lost), found in titles.items() if not lost and len(set(found)) > 1] == []
