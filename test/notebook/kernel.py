"""Runs the notebooks' kernel for a test. Requests come in on stdin, a line of JSON each; what the kernel says of them goes out on stdout, likewise."""
import json
import sys
import threading

from jupyter_client.manager import KernelManager

manager = KernelManager(kernel_name='tslab')
manager.start_kernel(cwd=sys.argv[1])
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=120)
requests = {'execute': client.execute, 'complete': client.complete, 'inspect': client.inspect}
ids = {}
lock = threading.Lock()


def forward(receive):
    while True:
        message = receive()
        with lock:
            id = ids.get(message['parent_header'].get('msg_id'))
            if id is not None:
                print(json.dumps({'id': id, 'type': message['msg_type'], 'content': message['content']}), flush=True)


for receive in (client.get_iopub_msg, client.get_shell_msg):
    threading.Thread(target=forward, args=[receive], daemon=True).start()

for line in sys.stdin:
    request = json.loads(line)
    if request['do'] == 'interrupt':
        manager.interrupt_kernel()
    else:
        # The answer may come before the id of the question is noted.
        with lock:
            ids[requests[request['do']](request['code'])] = request['id']
manager.shutdown_kernel(now=True)
