// A chat server that says the same bytes as that of the Go book.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"sync"
)

type room struct {
	mu      sync.Mutex
	members map[net.Conn]bool
}

func (r *room) tell(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.members {
		fmt.Fprintln(conn, line)
	}
}

func (r *room) set(conn net.Conn, isIn bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if isIn {
		r.members[conn] = true
	} else {
		delete(r.members, conn)
	}
}

func (r *room) serve(conn net.Conn) {
	defer conn.Close()
	address := conn.RemoteAddr().String()
	fmt.Fprintln(conn, "You are "+address)
	r.tell(address + " has arrived")
	r.set(conn, true)
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		r.tell(address + ": " + lines.Text())
	}
	r.set(conn, false)
	r.tell(address + " has left")
}

func main() {
	door, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("Servidor escuchando en 127.0.0.1:" + os.Args[1])
	r := &room{members: map[net.Conn]bool{}}
	for {
		if conn, err := door.Accept(); err == nil {
			go r.serve(conn)
		}
	}
}
