module wsassay/interop

go 1.26.8

require (
	github.com/gorilla/websocket v1.5.3
	golang.org/x/net v0.62.0
)
