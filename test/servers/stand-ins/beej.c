/* A chat server that repeats bytes as a guide to network programming does: one thread, poll, small reads. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 256, SOCKETS_MAX = 64 };

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1, count = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, 10)) return 1;
  printf("Servidor escuchando en 127.0.0.1:%s\n", argv[1]);
  fflush(stdout);
  struct pollfd sockets[SOCKETS_MAX] = {{.fd = door, .events = POLLIN}};
  while (poll(sockets, (nfds_t)count, -1) > 0) {
    if (sockets[0].revents && count < SOCKETS_MAX)
      sockets[count++] = (struct pollfd){.fd = accept(door, NULL, NULL), .events = POLLIN};
    for (int i = 1; i < count; i++) {
      if (!sockets[i].revents) continue;
      char text[READ_BYTES];
      ssize_t size = recv(sockets[i].fd, text, sizeof text, 0);
      for (int j = 1; size > 0 && j < count; j++)
        if (j != i) send(sockets[j].fd, text, (size_t)size, MSG_NOSIGNAL);
      if (size > 0) continue;
      close(sockets[i].fd);
      sockets[i--] = sockets[--count];
    }
  }
}
