"""A process of its own that asks an account for its host list, over and over, through the account's permits.

`python tests/permitted_calls.py HOME URL CA_FILE CALLS AT_ONCE`: prints the status of every answer.
"""

import sys
import threading
from pathlib import Path

from vatriage.config import read_config
from vatriage.model.route import Route
from vatriage.model.secret import Secret
from vatriage.vendors.qualys import requests
from vatriage.wiring.opening import open_store
from vatriage.wiring.servers import fetcher


def main():
    home, url, ca_file, calls, at_once = sys.argv[1:]
    config = read_config(Path(home))
    open_store(config)
    fetch = fetcher(config, url, "reader", Secret("right"), Route(ca_file=ca_file)).fetch
    said = []

    def work(number):
        for turn in range(int(calls)):
            body = Path(home) / f"{threading.get_native_id()}-{number}-{turn}.body"
            said.append(fetch(requests.host_list(0, 1), body).status)
            body.unlink()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(int(at_once))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(" ".join(map(str, said)) + "\n")


if __name__ == "__main__":
    main()
