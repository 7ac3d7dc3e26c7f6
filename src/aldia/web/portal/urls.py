"""Addresses of the debtor's portal."""

from aldia.web.portal.views import account, agreement, answers, chat, entry, online, opinion

app_name = "portal"

urlpatterns = [
    *entry.urls,
    *account.urls,
    *agreement.urls,
    *answers.urls,
    *chat.urls,
    *online.urls,
    *opinion.urls,
]
