import type { CheckTexts, ProcessEnd } from './check-texts.ts';

function ending({ code, signal }: ProcessEnd): string {
  return signal === null ? `with exit code ${code}` : `by ${signal}`;
}

export const ENGLISH: CheckTexts = {
  checks: {
    start: {
      title: 'The server starts and listens',
      sent: 'The command was run, and a client connected to the port.',
      why: 'A client can connect only while a program listens on the port.',
      mend:
        'Read the last lines of the output. Call bind, listen and accept in this order, on the port that the check ' +
        'uses: --port names another one, and {port} in the command takes a free one.',
    },
    answer: {
      title: 'A message gets an answer',
      sent: 'Three clients connected. Each wrote a line, and the first one wrote another.',
      why: 'A chat server passes what a client writes on to others. An echo server writes it back.',
      mend: 'After accept, read from the connection in a loop, and write what you have read before you read again.',
    },
    concurrency: {
      title: 'Several clients are served at once',
      sent: 'Four clients connected. The first one kept silent. The others spoke in turn.',
      why:
        'A program that waits in recv for one client does nothing for the others. They look connected, because the ' +
        'system accepts for the server, but nobody reads their text.',
      mend: 'Give each connection a thread, or watch all of them with select or an event loop.',
    },
    broadcast: {
      title: 'A message reaches all others',
      sent: 'Four clients connected. One wrote a line.',
      why: 'In a room everybody receives each message. Whether the speaker gets it too is a choice.',
      mend:
        'Keep a list of all connections. Add a connection after accept, and write each message to every other ' +
        'connection of the list. Protect the list with a lock if several threads use it.',
    },
    sender: {
      title: 'A message names its sender',
      sent: 'Two clients wrote two lines each. A third one compared what stood before the text.',
      why: 'Readers must know who speaks. On one computer all clients have the same IP, so the port must be shown too.',
      mend: 'accept returns the address of the client, IP and port. Write both before each of its messages.',
    },
    order: {
      title: 'All receive the messages in one order',
      sent: 'Three clients wrote 20 lines each at the same time. Two others compared the order.',
      why: 'If two people read answer and question in different orders, they talk about different conversations.',
      mend: 'Hold the lock during the whole round over the list, so that a message reaches all before the next one.',
    },
    glued: {
      title: 'Messages that arrive together are told apart',
      sent: 'One client wrote three lines in a single write.',
      why:
        'TCP is a stream of bytes and keeps no borders: one recv may bring several messages. If the server takes them ' +
        'for one, only the first has a sender. Fast typists and pasted text do this every day.',
      mend: 'Collect the bytes of each client, and take one message for each newline.',
    },
    cut: {
      title: 'A message that arrives in parts stays whole',
      sent: 'Ana wrote half a line. Luis wrote a whole one. Then Ana wrote the rest of hers.',
      why:
        'One recv may also bring half a message. If the halves are passed on as they come, the message of another ' +
        'client lands in the middle, and the second half has no sender or looks like a new message.',
      mend: 'Keep what came after the last newline, and put it before the next bytes of the same client.',
    },
    newline: {
      title: 'Text without a newline: at once, or later?',
      sent: 'One client wrote a text without a newline.',
      why: 'Clients that send no newline are heard only if the server does not wait for one.',
      mend: 'Both are right. Write down which one your protocol is, and let the client do the same.',
    },
    long: {
      title: 'A message of 5,000 bytes arrives',
      sent: 'One client wrote a line of 5,000 bytes.',
      why: 'A recv of 1024 bytes sees five pieces. A send may also write only a part of its bytes.',
      mend: 'Read until the newline, and write with sendall, or repeat the write for the rest.',
    },
    characters: {
      title: 'Characters that are cut in two arrive whole',
      sent: 'One client wrote "mañana" in two writes, with the border inside the ñ, and then 1,500 letters ñ in one line.',
      why:
        'The ñ is two bytes in UTF-8, an emoji four. The border of a recv may fall between them. Then decoding stops ' +
        'with an error, or shows a wrong character.',
      mend:
        'Decode whole lines, or use a decoder that keeps half a character for later. Bytes that are passed on as they ' +
        'are stay whole only if no header comes between them.',
    },
    invalid: {
      title: 'Invalid bytes hurt nobody else',
      sent: 'A third client wrote the bytes FF FE C3 28, which are no text. Then the others went on.',
      why:
        'Anybody can send any bytes, also by accident: a browser or a scanner that finds the port. If decoding raises ' +
        'an error, the loop of this client ends. If the client stays in the list, the next broadcast to it fails, and ' +
        'the whole room may stop.',
      mend:
        'Replace what can not be decoded. And catch the errors of one client in its own loop: it must be taken out of ' +
        'the list however its loop ends.',
    },
    'half-close': {
      title: 'A client that says its last words is heard',
      sent: 'A client wrote a line, closed its writing side (FIN) at once, and waited for the end.',
      why:
        '`printf hello | nc HOST PORT` does this. An empty read means that the client has finished. If the server does ' +
        'not close its side, the client waits, and the server keeps a dead connection (CLOSE_WAIT).',
      mend: 'Pass on what was read before the empty read. Then take the client out, and close the connection.',
    },
    leave: {
      title: 'Clients that leave are taken out',
      sent: 'Five clients connected and left politely (FIN). The others went on.',
      why: 'A connection that stays in the list after its end makes a later write fail, and uses up memory and files.',
      mend: 'When a read is empty, remove the connection from the list and close it. Do it in a finally block.',
    },
    reset: {
      title: 'A broken connection hurts nobody else',
      sent: 'A third client reset its connection (RST), as a crashed program does. Then the others went on.',
      why:
        'Laptops go to sleep, programs crash, networks fail. Then recv and send raise an error instead of returning. ' +
        'An error that leaves the client in the list breaks the next broadcast. Whoever then takes it out while ' +
        'already holding the lock waits for itself, and the room stands still for ever (a deadlock).',
      mend:
        'Catch the error of each connection. Take the client out in a finally block. Do not take a lock that you hold: ' +
        'collect the broken clients during the round, and remove them without locking again.',
    },
    'slow-reader': {
      title: 'A client that does not read stops nobody',
      sent: 'One client read nothing more. Three others flooded the room with up to 12 MiB, and two talked.',
      why:
        'A phone that sleeps does not read. Soon the buffers of the system are full, and sendall waits for this ' +
        'client. If it waits under the lock, in the thread of each speaker, or in the loop that serves all, one ' +
        'sleeping phone stops the whole room.',
      mend:
        'Give each client a queue with a limit and a thread that writes it, and drop a client whose queue is full. In ' +
        'a select loop, make the connections non-blocking, and write the queue when select says that it is possible. ' +
        'Or set a time limit on sends, and drop the client when it passes.',
    },
    burst: {
      title: '50 clients that come at once find a place',
      sent: '50 clients connected at the same moment, while the server had no time to accept.',
      why:
        'Until accept is called, new connections wait in a queue as long as listen says; Linux adds one place. A full ' +
        'queue refuses the others without a word, and they try again after 1, 3 and 7 seconds. A whole class connects ' +
        'at once.',
      mend: 'Ask for a longer queue in listen, and do nothing slow between two calls of accept.',
    },
    many: {
      title: '200 clients hear a message',
      sent: '200 clients connected one after another. Another one wrote a line.',
      why: 'Limits on threads, files or clients show only with many.',
      mend: 'Look for a limit in the code or the system (ulimit -n), and close the connections of those who left.',
    },
    stop: {
      title: 'Ctrl-C stops the server',
      sent: 'Two clients were connected. The server got SIGINT, as by Ctrl-C.',
      why: 'A server that can not be stopped keeps its port, and somebody kills it: then nobody gets a goodbye.',
      mend: 'Let the threads end with the program (daemon threads), or close all connections before you wait for them.',
    },
    restart: {
      title: 'The server starts again at once',
      sent: 'Two clients were connected. The server was killed and started again on the same port.',
      why:
        'The side that closes first keeps its connections for a minute (TIME_WAIT). Without SO_REUSEADDR the system ' +
        'does not give the port away in this time: "Address already in use".',
      mend: 'Set SO_REUSEADDR on the listening socket, before bind.',
    },
  },
  facts: {
    listens: (port) => `A server listens on port ${port}.`,
    endedAtStart: (end) => `The command ended ${ending(end)} before the port was open.`,
    noSuchCommand: (command) => `The command ${command} could not be started.`,
    notListening: (port, seconds) =>
      `Nothing listened on port ${port} after ${seconds} s. If the server uses another one, name it with --port.`,
    portInUse: (port) =>
      `Port ${port} is in use already. Stop the server that runs there, or check that one: tertulia check 127.0.0.1:${port}`,
    portKept: (port) =>
      `No program answers on port ${port}, but connections of a server that was stopped or killed keep it for a minute.`,
    unreachable: (address) => `No server answers at ${address}.`,
    notConnected: (seconds) => `A client could not connect within ${seconds} s.`,

    serverEnded: (end) => `The server ended ${ending(end)}.`,
    frozen: (seconds) =>
      `After that, no message arrived for ${seconds} s, although the server still runs: the room is frozen.`,
    unserved: (name) =>
      `New clients hear each other, but the server no longer serves the connection of ${name}, and has not closed it.`,
    closedOn: (name) => `The server closed the connection of ${name}, who had done nothing wrong.`,
    notReceived: (name, seconds) => `${name} did not receive the message within ${seconds} s.`,

    reachedOthers: 'The message reached another client: this is a chat room.',
    cameBack: 'The message came back to its sender: this is an echo server.',
    noAnswer: 'Nothing came back to anybody.',
    servedAll: (count) => `${count} clients were served at the same time.`,
    notServed: (name, seconds) =>
      `${name} got nothing within ${seconds} s, while the first client was connected.`,
    heardByAll: (count, isEchoed) =>
      `All ${count} others received it. The speaker ${isEchoed ? 'received it too' : 'did not receive it'}.`,
    heardBySome: (heard, count) => `${heard} of ${count} others received it.`,
    onlyEcho: 'Only the speaker received it. The others did not.',

    showsAddress: (header) => `Each message stands behind the address of its sender: ${header}`,
    showsName: (header) => `Each message stands behind a name of its sender: ${header}`,
    showsNoSender: 'The server passes messages on as they are. Readers can not see who speaks.',
    showsWrongAddress: (header, address) => `A message of ${address} stood behind another address: ${header}`,
    notInFormat: (format, name, line) => `A message of ${name} is none in the format ${format}: ${line}`,
    showsSame: (header) => `The messages of both clients stood behind the same header: ${header}`,

    sameOrder: (count) => `Both received all ${count} messages in the same order.`,
    otherOrder: (first, second) =>
      `The orders differ: where one received ${first}, the other received ${second}.`,
    lostMessages: (heard, count) => `${heard} of ${count} messages arrived.`,

    eachWithSender: (count) => `All ${count} messages arrived, each with its sender.`,
    eachWhole: (count) => `All ${count} messages arrived.`,
    withoutSender: (missing, count, shown) =>
      `${missing} of ${count} messages had no sender. Received: ${shown}`,
    cutTogether: 'The line arrived whole, and the other one beside it.',
    cutInPieces: (shown) => `The line arrived in two pieces, each with its sender. Received: ${shown}`,
    cutMixed: (shown) => `The messages got mixed. Received: ${shown}`,
    sentAtOnce: 'The server passes text on at once, and does not wait for a newline.',
    waitsForNewline: (seconds) =>
      `The server waited more than ${seconds} s for the newline. A client that sends none, as that of the tutorial, is not heard.`,
    longWhole: (bytes) => `All ${bytes} bytes arrived in one piece.`,
    longInPieces: (bytes, pieces) =>
      `All ${bytes} bytes arrived, in ${pieces} messages, each with its sender. A reader sees ${pieces} lines.`,
    longIncomplete: (bytes, received) =>
      `The line of ${bytes} bytes did not arrive as it was sent: ${received} bytes were received.`,
    charactersWhole: 'All characters arrived as they were sent.',
    charactersDamaged: (shown) => `Characters were damaged. Received: ${shown}`,
    invalidSurvived: (isClosed) =>
      `The server ${isClosed ? 'closed this connection' : 'kept this connection'}, and the others went on.`,

    closedAfterText: 'The text arrived, and the server closed its side.',
    textLost: (seconds) =>
      `The text did not arrive within ${seconds} s: the server dropped it at the end of the input.`,
    notClosed: (open, count, seconds) =>
      `The server did not close ${open} of ${count} connections within ${seconds} s.`,
    closedAll: (count) => `The server closed all ${count} connections, and the others went on.`,
    goesOn: 'The others went on, and a new client was heard.',

    floodSurvived: (mebibytes, isDropped) =>
      `${mebibytes} MiB passed, and the others went on${isDropped ? '. The server dropped the client that did not read' : ''}.`,
    floodFroze: (mebibytes, seconds) =>
      `After ${mebibytes} MiB nobody received anything for ${seconds} s: the room is frozen.`,
    burstQueued: (count) => `All ${count} found a place in the queue.`,
    burstOverflow: (queued, count) =>
      `${queued} of ${count} found a place in the queue. The others were not answered, and had to try again.`,
    burstArrived: (count, slow) =>
      slow === 0
        ? `All ${count} were connected at once, and heard.`
        : `All ${count} were heard, but ${slow} had to wait about a second or more for a place in the queue.`,
    burstLost: (arrived, count, seconds) => `${arrived} of ${count} were heard within ${seconds} s.`,
    manyHeard: (count) => `All ${count} received the message.`,
    manyLost: (heard, count) => `${heard} of ${count} received the message.`,

    stopped: (end) => `The server ended ${ending(end)}, and closed the connections politely (FIN).`,
    stoppedByReset: (end) =>
      `The server ended ${ending(end)}, but reset a connection instead of closing it (RST).`,
    notStopped: (seconds) =>
      `The server still ran ${seconds} s after Ctrl-C. It waits for its clients to leave, or ignores the signal.`,
    restarted: (milliseconds) => `It listened again after ${milliseconds} ms.`,

    needsRoom: 'This can be seen only when messages reach other clients. Mend broadcast first.',
    needsMany: 'This can be seen only when several clients are served at once. Mend concurrency first.',
    needsServer: 'There is no server to ask.',
    noTimeLeft: (seconds) => `The time of the whole run, ${seconds} s, was over.`,
    needsOwnServer: 'It stops the server, so it needs one that the command starts itself.',
    needsPermission: 'It kills some servers, so it needs --destructive.',
    needsSignals: 'Windows has no such signal.',
    hasFrames: 'Messages are frames here, which do not end with a newline.',
  },
  report: {
    status: { passed: 'passed', failed: 'FAILED', noted: 'noted', skipped: 'skipped' },
    checking: (target, count, seconds) => `Checking ${target}: ${count} checks, at most ${seconds} s.`,
    writesIntoRoom: 'The checks write messages into the room, which everybody there can read.',
    leavesOut: (ids) => `Left out, because they may kill a server: ${ids.join(', ')}.`,
    mayKill: (ids) => `These checks may kill the server: ${ids.join(', ')}.`,
    sent: 'Sent',
    seen: 'Seen',
    printed: 'Printed',
    why: 'Why',
    mend: 'Mend',
    names: { python: 'Python', java: 'Java', node: 'Node', c: 'C' },
    summary: ({ passed, failed, noted, skipped }) =>
      `${passed} passed, ${failed} failed, ${noted} noted, ${skipped} skipped.`,
    points: (earned, total) => `Points: ${earned} of ${total}`,
    noted: 'Noted: no mistakes, but good to know',
    usage: `Checks a chat server in any language, and explains what it found.

  tertulia check -- python3 server.py       starts it, on port 12345
  tertulia check -- ./server {port}         the same, on a free port
  tertulia check 127.0.0.1:12345            a server that runs already

  --port N             the port on which the command listens (12345)
  --only ID,ID         these checks alone       --lesson N   those of one lesson
  --weights ID=N,...   other points for checks
  --destructive        also checks that may kill a server which runs already
  --format FORMAT      how the server talks: a preset, a template, or learn
  --code LANG,...      lines of code in python, java, node, c
  --json               a report for programs    --junit FILE the same for CI

The exit code is the number of failed checks; 64 is a mistake in the arguments.`,
    needsTarget: 'tertulia check needs HOST:PORT, or -- and a command: tertulia check -- python3 server.py',
    unknownCheck: (id) => `Unknown check ${id}.`,
    badLesson: (text) => `--lesson ${text}: must be a number from 1 to 6.`,
    badWeight: (text) => `--weights ${text}: must be ID=NUMBER, for example reset=5.`,
    badPort: (text) => `--port ${text}: must be a number from 1 to 65535.`,
    badTarget: (text) => `${text}: must be HOST:PORT, for example 192.168.1.20:12345.`,
    badCode: (text) => `--code ${text}: must be some of python, java, node, c.`,
    unknownFlag: (flag) => `Unknown flag ${flag}.`,
    needsValue: (flag) => `${flag} needs a value.`,
    notLearned: 'No way to talk to the server was learned. The checks look for one by themselves.',
    notWritten: (file, reason) => `Could not write ${file}: ${reason}`,
  },
};
