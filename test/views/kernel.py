"""Runs the notebooks' kernel for a test. Requests come in on stdin, a line of JSON each; what the kernel says of them goes out on stdout, likewise."""
import json
import os
import subprocess
import sys

import zmq
from jupyter_client.manager import KernelManager

manager = KernelManager(kernel_name=sys.argv[2])
# With a stdout of its own: Node makes the one it is given non-blocking, this program's with it, whose messages were lost then.
manager.start_kernel(cwd=sys.argv[1], stdout=subprocess.DEVNULL)
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=120)
requests = {'execute': client.execute, 'complete': client.complete, 'inspect': client.inspect}
ids = {}


def ask(line):
    request = json.loads(line)
    if request['do'] == 'interrupt':
        manager.interrupt_kernel()
    else:
        code, at, rest = request['code'].partition('|') if request['do'] != 'execute' else (request['code'], '', '')
        cursor = {} if request['do'] == 'execute' else {'cursor_pos': len(code)}
        ids[requests[request['do']](code + rest, **cursor)] = request['id']


def forward(message):
    id = ids.get(message['parent_header'].get('msg_id'))
    if id is not None:
        print(json.dumps({'id': id, 'type': message['msg_type'], 'content': message['content']}), flush=True)


# One thread for all of it: a socket of ZeroMQ bears no other.
stdin = sys.stdin.fileno()
channels = [client.iopub_channel, client.shell_channel]
poller = zmq.Poller()
poller.register(stdin, zmq.POLLIN)
for channel in channels:
    poller.register(channel.socket, zmq.POLLIN)
rest = b''
while True:
    ready = dict(poller.poll())
    if stdin in ready:
        read = os.read(stdin, 1 << 16)
        if not read:
            break
        *lines, rest = (rest + read).split(b'\n')
        for line in lines:
            ask(line)
    for channel in channels:
        while channel.msg_ready():
            forward(channel.get_msg(timeout=0))
manager.shutdown_kernel(now=True)
