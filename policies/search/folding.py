"""What is the same to a search: width and case, what sounds the same, and one slip of the hand."""

import re
import unicodedata
from functools import lru_cache

LONGEST_QUERY = 64
_RUNS = re.compile(r"\w+")
# Sounds that people here do not tell apart when they speak or spell. Only ever compared, so that it may be coarse:
# ng is n, l is n, h is f, and ü is u or v.
_COARSE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("ü", "u"), ("v", "u"), ("l", "n"), ("h", "f"))

# Characters that are taken for one another by their looks, beside those that sound the same.
_LOOKALIKES = (
    "赁凭",
    "款欵",
    "铺辅",
    "刺剌",
    "茶荼",
    "品晶",
    "兵丘",
    "免兔",
    "未末",
    "土士",
    "已己巳",
    "贷货",
    "税悦",
    "贴帖",
)
_LOOKS = {character: alike for alike in _LOOKALIKES for character in alike}


def look_alike(one: str, other: str) -> bool:
    """Whether two words differ only in characters that are taken for one another."""
    return len(one) == len(other) and all(
        mine == theirs or theirs in _LOOKS.get(mine, "") for mine, theirs in zip(one, other, strict=True)
    )


def fold(text: str) -> str:
    """Width and case do not matter when searching."""
    return unicodedata.normalize("NFKC", text).casefold()


def squeezed(text: str) -> str:
    """Folded, without spaces and punctuation."""
    return "".join(_RUNS.findall(fold(text)))


def runs_of(text: str) -> list[str]:
    """Folded, what stands between spaces and punctuation."""
    return _RUNS.findall(fold(text))


@lru_cache(maxsize=20_000)
def pinyin_of(word: str) -> str:
    """``房租`` as ``fangzu``; letters and digits as they are."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(word))


@lru_cache(maxsize=20_000)
def initials_of(word: str) -> str:
    """``房租`` as ``fz``."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(word, style=Style.FIRST_LETTER))


def sound_of(spelled: str) -> str:
    """Pinyin as it is compared: what people mix up is one sound."""
    for fine, coarse in _COARSE:
        spelled = spelled.replace(fine, coarse)
    return spelled


def is_one_slip(word: str, typed: str) -> bool:
    """One character wrong, missing or too many, or two neighbours that changed places."""
    if word == typed or abs(len(word) - len(typed)) > 1:
        return False
    if len(word) != len(typed):
        longer, shorter = (word, typed) if len(word) > len(typed) else (typed, word)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    apart = [at for at, (one, other) in enumerate(zip(word, typed, strict=True)) if one != other]
    if len(apart) == 1:
        return True
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == typed[apart[1]]
        and (word[apart[1]] == typed[apart[0]])
    )
