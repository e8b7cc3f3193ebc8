"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from openline.console.views import bulk, deliveries, inbox, learnt, lifecycle, photos, programs, requests

app_name = "console"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("parts/", inbox.parts, name="parts"),
    path("conversations/<uuid:conversation_id>/", inbox.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/answer/", inbox.answer, name="answer"),
    path("conversations/<uuid:conversation_id>/done/", inbox.done, name="done"),
    path("conversations/<uuid:conversation_id>/assign/", inbox.assign, name="assign"),
    path("conversations/<uuid:conversation_id>/fold/", inbox.fold, name="fold"),
    path("conversations/<uuid:conversation_id>/open/", inbox.open_request, name="open_request"),
    path("requests/", requests.request_list, name="requests"),
    path("requests/bulk/", bulk.change, name="bulk_change"),
    path("requests/bulk/<uuid:change_id>/", bulk.done, name="bulk"),
    path("requests/bulk/<uuid:change_id>/undo/", bulk.undo, name="bulk_undo"),
    path("requests/<slug:number>/", requests.request_page, name="request"),
    path("requests/<slug:number>/give/", lifecycle.give, name="give"),
    path("requests/<slug:number>/split/", lifecycle.split, name="split"),
    path("requests/<slug:number>/link/", lifecycle.link, name="link"),
    path("requests/<slug:number>/here/", lifecycle.here, name="here"),
    path("requests/<slug:number>/move/", requests.move, name="move"),
    path("requests/<slug:number>/update/", requests.update, name="update"),
    path("requests/<slug:number>/service/", requests.service, name="service"),
    path("requests/<slug:number>/place/", requests.place, name="place"),
    path("requests/<slug:number>/department/", requests.department, name="department"),
    path("requests/<slug:number>/join/", requests.join, name="join"),
    path("requests/<slug:number>/take-out/", requests.take_out, name="take_out"),
    path("requests/<slug:number>/separate/", requests.separate, name="separate"),
    path("requests/<slug:number>/photos/", photos.add, name="add_photos"),
    path("requests/<slug:number>/photos/<uuid:photo_id>/", photos.change, name="change_photo"),
    path("requests/<slug:number>/photos/<uuid:photo_id>/remove/", photos.remove, name="remove_photo"),
    path("photos/<uuid:photo_id>/<slug:size>/", photos.photo, name="photo"),
    path("place/", requests.find_place, name="find_place"),
    path("programs/", programs.submissions, name="submissions"),
    path("programs/<uuid:submission_id>/accept/", programs.accept, name="accept_submission"),
    path("programs/<uuid:submission_id>/refuse/", programs.refuse, name="refuse_submission"),
    path("programs/keys/", programs.api_keys, name="api_keys"),
    path("programs/keys/<int:key_id>/revoke/", programs.revoke_key, name="revoke_key"),
    path("learnt/", learnt.page, name="learnt"),
    path("learnt/train/", learnt.train, name="learn"),
    path("learnt/back/", learnt.back, name="unlearn"),
    path("unsent/", deliveries.unsent, name="unsent"),
    path("unsent/<uuid:delivery_id>/retry/", deliveries.retry, name="retry"),
    path("unsent/<uuid:delivery_id>/cancel/", deliveries.cancel, name="cancel"),
    path("unsent/accounts/<uuid:account_id>/retry/", deliveries.retry_account, name="retry_account"),
    path("unread/", deliveries.refused, name="refused"),
]
