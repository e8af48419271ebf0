"""The page that shows what the proxy does: files for a browser, and what is so now, as JSON.

    index.html ──▶ page.js ──now.json, while somebody looks──▶ `describe`
                      └──content.json, when somebody types──▶ `ContentKey`

There is nothing to build: what is in this folder is what browsers are sent. The page asks for what
is so every two seconds, and only while it can be seen, so it costs nothing when nobody looks.

It is for everybody in trusted networks, so no secret is on it: a viewer's addresses are not, though
who watches is.
"""

from .files import FILES, PageFile
from .now import describe

__all__ = ["FILES", "PageFile", "describe"]
