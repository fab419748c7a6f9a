package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay is a small SMTP server that keeps what it takes.
type relay struct {
	t        *testing.T
	listener net.Listener
	config   *tls.Config
	// capabilities stand in the answer to EHLO.
	capabilities []string
	// implicit speaks TLS from the first byte.
	implicit bool
	// answer, where it is set and gives a text, answers a command in place of the server; "drop" ends the
	// connection, "hang" never answers. The commands are those of SMTP, "CONNECT" for the greeting and "END"
	// for the end of a message.
	answer func(command string) string

	mu       sync.Mutex
	taken    []delivery
	commands []string
	hung     chan bool
}

type delivery struct {
	hello, user, from, to, data string
	secure                      bool
}

// newRelay starts a server on a free port of this machine.
func newRelay(t *testing.T, adjust func(*relay)) *relay {
	t.Helper()
	r := &relay{t: t, capabilities: []string{"STARTTLS", "AUTH PLAIN LOGIN", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8"}, hung: make(chan bool, 100)}
	r.config = &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	if adjust != nil {
		adjust(r)
	}
	var err error
	if r.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if r.implicit {
		r.listener = tls.NewListener(r.listener, r.config)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := r.listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { r.serve(conn) })
		}
	})
	t.Cleanup(func() { r.listener.Close(); open.Wait() })
	return r
}

// server is the configuration that reaches the relay.
func (r *relay) server(security Security) *Server {
	s := &Server{Host: "127.0.0.1", Port: r.listener.Addr().(*net.TCPAddr).Port, Security: security, From: address(r.t, "dialogue@rostrum.example"), FromName: "Sample Secretariat"}
	pool := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(r.config.Certificates[0].Certificate[0])
	if err != nil {
		r.t.Fatal(err)
	}
	pool.AddCert(leaf)
	s.TLS = &tls.Config{RootCAs: pool}
	return s
}

func (r *relay) deliveries() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivery(nil), r.taken...)
}

func (r *relay) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	in := bufio.NewReader(conn)
	d := delivery{secure: r.implicit}
	say := func(command, text string) (goOn bool) {
		r.mu.Lock()
		r.commands = append(r.commands, command)
		r.mu.Unlock()
		if r.answer != nil {
			if other := r.answer(command); other != "" {
				text = other
			}
		}
		switch text {
		case "drop":
			return false
		case "hang":
			r.hung <- true
			io.Copy(io.Discard, conn) // until the other side goes away
			return false
		}
		fmt.Fprintf(conn, "%s\r\n", text)
		return true
	}
	if !say("CONNECT", "220 relay ready") {
		return
	}
	read := func() string { line, _ := in.ReadString('\n'); return strings.TrimRight(line, "\r\n") }
	for {
		line := read()
		command, rest, _ := strings.Cut(line, " ")
		command = strings.ToUpper(command)
		text := "250 2.0.0 ok"
		switch command {
		case "":
			return
		case "EHLO", "HELO":
			d.hello = rest
			text = "250-relay"
			for i, c := range r.capabilities {
				sep := "-"
				if i == len(r.capabilities)-1 {
					sep = " "
				}
				text += "\r\n250" + sep + c
			}
			if len(r.capabilities) == 0 {
				text = "250 relay"
			}
		case "STARTTLS":
			if !say(command, "220 go on") {
				return
			}
			secure := tls.Server(conn, r.config)
			if secure.Handshake() != nil {
				return
			}
			conn, in, d.secure = secure, bufio.NewReader(secure), true
			continue
		case "AUTH":
			mechanism, initial, _ := strings.Cut(rest, " ")
			if mechanism != "PLAIN" {
				text = "504 5.5.4 no such mechanism"
				break
			}
			plain, _ := base64.StdEncoding.DecodeString(initial)
			parts := strings.Split(string(plain), "\x00")
			text = "535 5.7.8 user " + parts[1] + " is not accepted"
			if len(parts) == 3 && parts[2] == "right" {
				d.user, text = parts[1], "235 2.7.0 welcome"
			}
		case "MAIL":
			d.from = rest
		case "RCPT":
			d.to = rest
		case "DATA":
			if !say(command, "354 go on") {
				return
			}
			r.mu.Lock()
			refused := r.answer != nil && strings.HasPrefix(r.answer("DATA"), "5")
			r.mu.Unlock()
			if refused {
				continue
			}
			var data strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				data.WriteString(strings.TrimPrefix(line, "."))
			}
			d.data = data.String()
			if r.answer == nil || r.answer("END") == "" {
				r.mu.Lock()
				r.taken = append(r.taken, d)
				r.mu.Unlock()
			}
			command, text = "END", "250 2.0.0 taken"
		case "QUIT":
			say(command, "221 2.0.0 bye")
			return
		}
		if !say(command, text) {
			return
		}
	}
}

// certificate makes a certificate for this machine's loopback address.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func address(t testing.TB, s string) Address {
	t.Helper()
	a, err := ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
