"""What an error report may hold: names of fields and variables, never what was in them (个人信息保护法 §51)."""

from collections.abc import ItemsView
from typing import Any

from django.views.debug import SafeExceptionReporterFilter


class NamesOnly(SafeExceptionReporterFilter):
    """Hides every POST value and every local variable, so that no view can forget to mark its own."""

    def get_post_parameters(self, request) -> dict:
        if request is None or not self.is_active(request):
            return super().get_post_parameters(request)
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request, tb_frame) -> ItemsView[str, Any]:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
