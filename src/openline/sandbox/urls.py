"""Addresses of the sandbox. Present only where OPENLINE_SANDBOX is set."""

from django.urls import path

from openline.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", views.index, name="index"),
    path("post/", views.post, name="post"),
    path("thread/<uuid:conversation_id>/", views.thread, name="thread"),
    path("mail/", views.mail, name="mail"),
    path("drill/", views.drill, name="drill"),
]
