from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账户与部门"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from allauth.account.signals import user_logged_in as came_in_by_our_door
        from allauth.usersessions import signals as usersessions
        from django.contrib.auth.signals import user_logged_in, user_logged_out
        from django.core import checks

        from core import encryption, sms
        from core import own_data as everybodys_data

        from . import own_data
        from .signing_in import devices, second_factors, sessions

        checks.register(sms.check_provider, deploy=True)
        encryption.also_reencrypt("第二重验证", second_factors.reencrypt)
        everybodys_data.register("account", own_data.export, own_data.erase, kept=own_data.kept)
        user_logged_in.connect(sessions.begin)
        user_logged_out.connect(sessions.forget_here)
        came_in_by_our_door.disconnect(usersessions.on_user_logged_in)  # keeps keys that can be replayed
        came_in_by_our_door.connect(devices.note_sign_in)
        came_in_by_our_door.connect(sessions.note)
        authentication_step_completed.connect(sessions.proved_again)
