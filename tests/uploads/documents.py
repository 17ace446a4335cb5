"""PDFs made by the tests: clean ones, and every way to put something active into one."""

import io
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def pdf(change=None, pages=1, **saving):
    """A PDF of blank pages, changed by ``change(pdf)`` before it is saved."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out, **saving)
    return out.getvalue()


def swelling(megabytes):
    """A page whose content is blanks, packed to almost nothing."""
    packed = packed_again_and_again(b" " * (1 << 20), megabytes)

    def change(made):
        made.pages[0].Contents = pikepdf.Stream(made, packed, Filter=Name.FlateDecode)

    return pdf(change, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def script():
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def action(**entries):
    """Opens with this action."""

    def change(made):
        made.Root.OpenAction = Dictionary(**entries)

    return change


def annotation(**entries):
    def change(made):
        made.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)])

    return change


def on_link(**entries):
    return annotation(Subtype=Name.Link, A=Dictionary(**entries))


def root(**entries):
    def change(made):
        for name, value in entries.items():
            made.Root[f"/{name}"] = value

    return change


def on_page(made):
    made.pages[0].AA = Dictionary(O=script())


def names_tree(made):
    leaf = made.make_indirect(Dictionary(Names=Array([String("a"), made.make_indirect(script())])))
    made.Root.Names = Dictionary(JavaScript=Dictionary(Kids=Array([leaf])))


def attachment(made):
    made.attachments["virus.exe"] = b"MZ"


def deep(made):
    inside = Dictionary(A=script())
    for _ in range(200):
        inside = Array([inside])
    made.Root.Extra = inside


def next_action(made):
    made.Root.Outlines = Dictionary(
        First=Dictionary(
            Title=String("a"), A=Dictionary(S=Name.URI, URI=String("https://a.cn"), Next=Array([script()]))
        )
    )


def kind_elsewhere(made):
    """The action's kind stands in an object of its own."""
    kind = made.make_indirect(Name.Launch)
    made.pages[0].Annots = Array([Dictionary(Subtype=Name.Link, A=Dictionary(S=kind))])


def field_script(made):
    field = Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=script()))
    made.Root.AcroForm = Dictionary(Fields=Array([made.make_indirect(field)]))


def encrypted(user="secret"):
    return pdf(encryption=pikepdf.Encryption(owner="owner", user=user))


OBJECT_STREAMS = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
REST = [b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/X 5 0 R>>"]


def by_hand(catalogue=CATALOGUE, *more, before_itself=False):
    """A PDF of one page, written by hand. ``catalogue`` is object 1, ``more`` are objects 4 and on.

    ``before_itself``: whether its table says that it comes after itself.
    """
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate([catalogue, *REST, *more], 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), len(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    earlier = b"/Prev %d" % start if before_itself else b""
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, earlier, start)
    return bytes(out)


def escaped():
    """Names in another spelling than a search for them expects."""
    return by_hand(b"<</Type/Catalog/Pages 2 0 R/Extra[<</S/J#61vaScript/J#53(app.alert\\(1\\))>>]>>")


def loops_in_pages():
    return by_hand().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]")


def nested(depth=100_000):
    return by_hand(CATALOGUE, b"[" * depth + b"]" * depth, b"null")


def bomb(filling, megabytes, opening=b"", closing=b"null"):
    """A PDF whose object 5 lies in an object stream of a few kilobytes that unpacks to ``megabytes``."""
    head, block = b"5 0 ", filling * ((1 << 20) // len(filling))
    return _packed(packed_again_and_again(block, megabytes, head + opening, closing), len(head))


def packed_again_and_again(block, times, opening=b"", closing=b""):
    """``opening``, the block so many times, and ``closing``, as zlib packs them; the block is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block leans on nothing before it, so that it can stand again and again.
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(closing) + packer.flush()
    check = zlib.adler32(opening)
    for _ in range(times):
        check = zlib.adler32(block, check)
    check = zlib.adler32(closing, check)
    return b"\x78\xda" + first + again * times + last + check.to_bytes(4, "big")


def _packed(body, first):
    head = b"<</Type/ObjStm/N 1/First %d/Filter/FlateDecode/Length %d>>stream\n" % (first, len(body))
    out, rows = bytearray(b"%PDF-1.5\n"), [b"\0" * 5 + b"\xff\xff"]
    for number, text in enumerate([CATALOGUE, *REST, head + body + b"\nendstream"], 1):
        rows.append(b"\1" + len(out).to_bytes(4, "big") + b"\0\0")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start = len(out)
    rows += [b"\2" + (4).to_bytes(4, "big") + b"\0\0", b"\1" + start.to_bytes(4, "big") + b"\0\0"]
    table = b"".join(rows)
    out += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    out += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
