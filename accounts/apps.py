from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账户与部门"

    def ready(self):
        from allauth.account.signals import authentication_step_completed
        from allauth.account.signals import user_logged_in as came_in_by_our_door
        from django.contrib.auth.signals import user_logged_in
        from django.core import checks

        from core import encryption, sms
        from core import own_data as everybodys_data

        from . import own_data, second_factors, sessions

        checks.register(sms.check_provider, deploy=True)
        encryption.also_reencrypt("第二重验证", second_factors.reencrypt)
        everybodys_data.register("account", own_data.export, own_data.erase)
        user_logged_in.connect(sessions.begin)
        came_in_by_our_door.connect(sessions.note)
        authentication_step_completed.connect(sessions.proved_again)
