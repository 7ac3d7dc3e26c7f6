"""Addresses of the debtor's portal."""

from aldia.web.portal.views import account, answers, entry

app_name = "portal"

urlpatterns = [*entry.urls, *account.urls, *answers.urls]
