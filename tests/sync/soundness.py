"""In the laptop's own environment: whether its chain holds, what is unsent, and the hashes of what it wrote; as JSON."""

from __future__ import annotations

import json
import os

import django

django.setup()

from backend.journal.models import Entry
from backend.journal.queries import verify_chain
from backend.journal.services import own_device
from offline_client import keyring, sync

assert keyring.unlock(os.environ["TASUKI_SHELTER_PASSPHRASE"])
own = own_device()
chain = verify_chain(own)
written = Entry.objects.filter(device=own, verdict="accepted").order_by("seq")
said = {
    "problem": chain.problem,
    "entries": chain.entries,
    "unsent": sync.unsent(),
    "written": list(written.values_list("sha256", flat=True)),
}
print(json.dumps(said))
