// Echo servers on the two WebSocket packages that most Go programs use: `server PORT`, paths /gorilla and /xnet.
package main

import (
	"io"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
	xnet "golang.org/x/net/websocket"
)

func main() {
	http.Handle("/gorilla", http.HandlerFunc(echoGorilla))
	http.Handle("/xnet", xnet.Server{Handler: func(c *xnet.Conn) { io.Copy(c, c) }})
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}

func echoGorilla(answer http.ResponseWriter, request *http.Request) {
	upgrader := websocket.Upgrader{}
	connection, err := upgrader.Upgrade(answer, request, nil)
	if err != nil {
		return
	}
	defer connection.Close()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}
