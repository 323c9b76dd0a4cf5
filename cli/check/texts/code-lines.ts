/**
 * Lines of code that mend a server, for each check and language. They are hints, so names in them are examples.
 */
import type { CheckId, CodeLanguage } from './check-texts.ts';

export const CODE_LINES: Record<CheckId, Record<CodeLanguage, readonly string[]>> = {
  start: {
    python: ['server.bind(("0.0.0.0", 12345)); server.listen()'],
    java: ['ServerSocket server = new ServerSocket(12345);'],
    node: ['net.createServer(onClient).listen(12345)'],
    c: ['bind(fd, (struct sockaddr *)&address, sizeof address); listen(fd, 128);'],
  },
  answer: {
    python: ['while data := connection.recv(1024):', '    connection.sendall(data)'],
    java: ['while ((n = in.read(buffer)) > 0) { out.write(buffer, 0, n); out.flush(); }'],
    node: ["socket.on('data', (data) => socket.write(data))"],
    c: ['while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0) send(fd, buffer, n, 0);'],
  },
  concurrency: {
    python: ['threading.Thread(target=serve, args=(connection,), daemon=True).start()'],
    java: ['new Thread(() -> serve(socket)).start();'],
    node: ['// Node serves all at once. Never wait in a loop inside a handler.'],
    c: ['pthread_create(&thread, NULL, serve, client); pthread_detach(thread);'],
  },
  broadcast: {
    python: [
      'with lock:',
      '    for other in clients:',
      '        if other is not connection: other.sendall(data)',
    ],
    java: ['for (Client other : clients) if (other != this) other.send(line);'],
    node: ['for (const other of clients) if (other !== socket) other.write(line)'],
    c: ['for (i = 0; i < count; i++) if (clients[i] != fd) send_all(clients[i], line, n);'],
  },
  sender: {
    python: ['connection, (ip, port) = server.accept()', 'header = f"{ip}:{port} dice: ".encode()'],
    java: ['String header = socket.getInetAddress().getHostAddress() + ":" + socket.getPort() + " dice: ";'],
    node: ["const header = socket.remoteAddress + ':' + socket.remotePort + ' dice: '"],
    c: ['snprintf(header, sizeof header, "%s:%d dice: ", ip, ntohs(address.sin_port));'],
  },
  order: {
    python: ['with lock:  # around the whole round', '    for other in clients: other.sendall(message)'],
    java: ['synchronized (clients) { for (Client other : clients) other.send(line); }'],
    node: ['for (const other of clients) other.write(line) // no await between two of them'],
    c: ['pthread_mutex_lock(&lock); /* send to all */ pthread_mutex_unlock(&lock);'],
  },
  glued: {
    python: [
      'rest += data',
      '*lines, rest = rest.split(b"\\n")',
      'for line in lines: broadcast(header + line + b"\\n")',
    ],
    java: [
      'BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));',
      'while ((line = in.readLine()) != null) broadcast(header + line);',
    ],
    node: ["readline.createInterface({ input: socket }).on('line', (line) => broadcast(header + line))"],
    c: ["while ((end = memchr(buffer, '\\n', used))) { /* send up to end, memmove the rest */ }"],
  },
  cut: {
    python: ['rest += data  # one rest for each client', '*lines, rest = rest.split(b"\\n")'],
    java: ['while ((line = in.readLine()) != null) broadcast(header + line);'],
    node: ["readline.createInterface({ input: socket }).on('line', (line) => broadcast(header + line))"],
    c: ['n = recv(fd, client->buffer + client->used, sizeof client->buffer - client->used, 0);'],
  },
  newline: {
    python: ['client.sendall((text + "\\n").encode())'],
    java: ['out.println(text); // with new PrintWriter(stream, true)'],
    node: ["socket.write(text + '\\n')"],
    c: ['dprintf(fd, "%s\\n", text);'],
  },
  long: {
    python: ['rest += data  # and connection.sendall, never connection.send'],
    java: ['while ((line = in.readLine()) != null) broadcast(header + line);'],
    node: ["socket.on('data', (data) => { rest += decoder.write(data) })"],
    c: ['for (sent = 0; sent < n; sent += k) if ((k = send(fd, p + sent, n - sent, 0)) < 0) break;'],
  },
  characters: {
    python: ['decoder = codecs.getincrementaldecoder("utf-8")("replace")', 'text = decoder.decode(data)'],
    java: ['new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)'],
    node: ["socket.setEncoding('utf8') // or new StringDecoder('utf8')"],
    c: ["/* Pass the bytes on. Only look for '\\n', which is never part of a character. */"],
  },
  invalid: {
    python: [
      'text = line.decode(errors="replace")',
      'try: ...  # the loop of this client',
      'finally: remove(connection)',
    ],
    java: [
      'try { serve(socket); } catch (IOException e) { } finally { clients.remove(this); socket.close(); }',
    ],
    node: ["socket.setEncoding('utf8') // replaces invalid bytes"],
    c: ['/* Check every index and length, and use %.*s instead of %s for received bytes. */'],
  },
  'half-close': {
    python: ['if not data:', '    remove(connection); connection.close(); return'],
    java: ['// readLine() == null, read() == -1: clients.remove(this); socket.close();'],
    node: ["socket.on('end', () => socket.end()) // the default; keep it with allowHalfOpen"],
    c: ['if (n == 0) { remove_client(fd); close(fd); return NULL; }'],
  },
  leave: {
    python: [
      'finally:',
      '    with lock:',
      '        if connection in clients: clients.remove(connection)',
      '    connection.close()',
    ],
    java: ['finally { clients.remove(this); socket.close(); }'],
    node: ["socket.on('close', () => clients.delete(socket))"],
    c: ['clients[i] = clients[--count]; close(fd);'],
  },
  reset: {
    python: [
      'try:',
      '    other.sendall(message)',
      'except OSError:',
      '    broken.append(other)  # removed after the round, under the same lock',
    ],
    java: ['catch (IOException e) { broken.add(other); } // then clients.removeAll(broken)'],
    node: ["socket.on('error', () => {}) // without it the error ends the program; 'close' follows"],
    c: ['signal(SIGPIPE, SIG_IGN); if (recv(...) <= 0) remove_client(fd);'],
  },
  'slow-reader': {
    python: [
      'try: client.queue.put_nowait(message)  # queue.Queue(maxsize=1000)',
      'except queue.Full: drop(client)',
    ],
    java: ['if (!client.queue.offer(line)) client.close(); // ArrayBlockingQueue, one writer thread each'],
    node: ['if (socket.writableLength > 1_000_000) socket.destroy()', 'else socket.write(line)'],
    c: ['setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &two_seconds, sizeof two_seconds);'],
  },
  burst: {
    python: ['server.listen(128)'],
    java: ['new ServerSocket(12345, 128)'],
    node: ['server.listen({ port: 12345, backlog: 511 }) // the default'],
    c: ['listen(fd, SOMAXCONN);'],
  },
  many: {
    python: ['resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))'],
    java: ['Executors.newVirtualThreadPerTaskExecutor() // or a thread for each client'],
    node: ['server.maxConnections = 10_000'],
    c: ['poll(fds, count, -1); /* select is limited to 1024 */'],
  },
  stop: {
    python: ['threading.Thread(target=serve, args=(connection,), daemon=True).start()'],
    java: ['thread.setDaemon(true);'],
    node: ["process.on('SIGINT', () => { for (const client of clients) client.end(); server.close() })"],
    c: ['sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_stop }, NULL); /* no SA_RESTART */'],
  },
  restart: {
    python: ['server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)'],
    java: ['ServerSocket server = new ServerSocket(); server.setReuseAddress(true); server.bind(address);'],
    node: ['// Node sets it by itself.'],
    c: ['int on = 1; setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);'],
  },
};
