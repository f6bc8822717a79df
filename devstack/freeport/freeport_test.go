package freeport

import (
	"net"
	"testing"
)

func TestTakenTellsAPortSomebodyListensOnFromAFreeOne(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		listener, err := net.Listen("tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		if !Taken(port) {
			t.Errorf("%s: the port is called free while somebody listens", address)
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if Taken(port) {
			t.Errorf("%s: the port is called taken when nobody listens", address)
		}
	}
}

func TestFindReturnsAPortThatCanBeBound(t *testing.T) {
	t.Parallel()
	port, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
}
