"""A program of its own, run by the system's Python: keeps one LibreOffice open and hands it file after file.

It knows nothing of the house and imports nothing of it. It says `ready`; for each line `SOURCE<tab>TARGET` on its
input (file URLs) it answers `ok` or `failed`; with the end of its input it ends, and LibreOffice with it.
"""

import os
import signal
import subprocess
import sys
import time

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]
from com.sun.star.lang import DisposedException  # type: ignore[import-not-found]

NEVER_EXECUTE_MACROS = 0
NEVER_UPDATE_LINKS = 0
LOADING = {
    "FilterName": "MS Word 2007 XML",
    "Hidden": True,
    "ReadOnly": True,
    "MacroExecutionMode": NEVER_EXECUTE_MACROS,
    "UpdateDocMode": NEVER_UPDATE_LINKS,
}
STORING = {"FilterName": "writer_pdf_Export"}


def main(soffice, profile, pipe):
    """Serve until the input ends."""
    options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
    accept = "--accept=pipe,name=" + pipe + ";urp;StarOffice.ComponentContext"
    null = subprocess.DEVNULL
    office = subprocess.Popen(
        [soffice, "-env:UserInstallation=" + profile, *options, accept], stdin=null, stdout=null, stderr=null
    )
    try:
        desktop = connected(office, pipe)
        print("ready", flush=True)
        for line in sys.stdin:
            source, target = line.rstrip("\n").split("\t")
            print("ok" if converted(desktop, source, target) else "failed", flush=True)
    finally:
        os.killpg(0, signal.SIGKILL)  # the launcher's children too


def connected(office, pipe):
    """The desktop of the office, as soon as it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while office.poll() is None:
        try:
            context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.02)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    raise SystemExit("LibreOffice ended while it started")


def converted(desktop, source, target):
    """Whether the file was loaded and stored as PDF; an office that is gone ends the program."""
    document = None
    try:
        document = desktop.loadComponentFromURL(source, "_blank", 0, properties(LOADING))
        if document is None:
            return False
        document.storeToURL(target, properties(STORING))
    except DisposedException:
        raise
    except uno.getClass("com.sun.star.uno.Exception"):
        return False
    finally:
        if document is not None:
            document.close(True)
    return True


def properties(values):
    """The values as LibreOffice takes them."""
    made = []
    for name, value in values.items():
        one = PropertyValue()
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
