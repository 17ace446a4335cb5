"""Passwords that are easy to guess are refused, whatever signs they are made of."""

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

LEAST = 3  # of zxcvbn's 0 to 4: more than 100 million guesses
LONGEST = 72  # what zxcvbn looks at; what comes after makes a password only better
# Words that whoever guesses here begins with.
LOCAL = ("liupanshui", "guizhou", "zhongshan", "panzhou", "zhengce", "zhitongche", "renshe", "zfgzs", "admin")
MESSAGE = (
    "这个密码太容易猜到。请把四个不相干的词连起来，例如动物、家具、天气和地方。"
    "不要用姓名、日期和键盘上相连的字符，也不要重复。"
)


class HardToGuess:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password, user=None) -> None:
        own = [getattr(user, name, "") or "" for name in ("username", "first_name", "last_name", "email")]
        if zxcvbn(password[:LONGEST], user_inputs=[word for word in (*own, *LOCAL) if word])["score"] < LEAST:
            raise ValidationError(MESSAGE, code="password_easy_to_guess")

    def get_help_text(self) -> str:
        return "密码要难猜：用四个不相干的词连起来，又长又好记。"
