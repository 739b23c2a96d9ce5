package main

import (
	"log/slog"
	"net"
	"os"
)

// notify tells the service manager what the server does, such as READY=1, where
// one asked to be told (sd_notify(3)).
func notify(log *slog.Logger, state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	c, err := net.Dial("unixgram", path)
	if err == nil {
		defer c.Close()
		_, err = c.Write([]byte(state))
	}
	if err != nil {
		log.Error("the service manager cannot be told", "state", state, "error", err)
	}
}
