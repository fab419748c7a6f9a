package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strconv"
)

// Security is how the connection to the mail server is protected.
type Security string

// The ways to protect a connection.
const (
	Implicit Security = "implicit" // TLS from the first byte, as on port 465 (RFC 8314)
	StartTLS Security = "starttls" // TLS by STARTTLS; a server without it is refused
	Plain    Security = "none"     // none, for a relay on the same machine or network
)

// Server is the mail server that takes this instance's messages, and the address they come from.
type Server struct {
	Host     string
	Port     int
	Security Security
	// User and Password sign in; without a user nobody does.
	User     string
	Password string `json:"-"`
	// From is the instance's address. Its domain also stands in Message-IDs and in the greeting, so the name
	// of the machine does not.
	From Address
	// FromName is the operator's name; it may be empty.
	FromName string
	// TLS holds certificates beyond the system's, for private authorities; nil for the system's.
	TLS *tls.Config
}

// ParseServer reads the mail server's URL and the instance's address from the configuration.
//
//	smtps://USER:PASSWORD@HOST[:465]          TLS from the first byte
//	smtp://USER:PASSWORD@HOST[:587]           STARTTLS, which the server must offer
//	smtp://HOST[:25]?tls=none                 no protection; no password leaves the machine this way
//
// from is "ADDRESS" or "NAME <ADDRESS>". Errors never repeat the password.
func ParseServer(raw, from string) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Server{}, errors.New("reading the mail server's URL: it is not a URL; write smtps://USER:PASSWORD@HOST") // url.Error repeats the text
	}
	s := Server{Host: u.Hostname(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	q := u.Query()
	port := ""
	switch {
	case u.Scheme == "smtps" && len(q) == 0:
		s.Security, port = Implicit, "465"
	case u.Scheme == "smtp" && len(q) == 0:
		s.Security, port = StartTLS, "587"
	case u.Scheme == "smtp" && len(q) == 1 && q.Get("tls") == "none":
		s.Security, port = Plain, "25"
	default:
		return Server{}, errors.New("reading the mail server's URL: it begins neither with smtps:// nor with smtp://, or has settings other than tls=none")
	}
	if p := u.Port(); p != "" {
		port = p
	}
	s.Port, err = strconv.Atoi(port)
	switch {
	case err != nil || s.Port < 1 || s.Port > 65535:
		return Server{}, errors.New("reading the mail server's URL: the port is not a number from 1 to 65535")
	case s.Host == "" || u.Path != "" && u.Path != "/" || u.Fragment != "":
		return Server{}, errors.New("reading the mail server's URL: write smtps://USER:PASSWORD@HOST and nothing after the host but a port")
	case s.Security == Plain && s.User != "" && !isLoopback(s.Host):
		return Server{}, errors.New("reading the mail server's URL: with tls=none the password would cross the network in clear; use smtps:// or leave the user out")
	}
	name, err := mail.ParseAddress(from)
	if err != nil {
		return Server{}, fmt.Errorf("reading the address that messages come from: %w", ErrAddress)
	}
	s.FromName = name.Name
	if s.From, err = ParseAddress(name.Address); err != nil {
		return Server{}, fmt.Errorf("reading the address that messages come from: %w", err)
	}
	if !isLine(s.FromName, maxName) {
		return Server{}, errors.New("reading the address that messages come from: the name is not one line of text")
	}
	return s, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String gives host and port.
func (s Server) String() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// GoString gives host and port, without the password.
func (s Server) GoString() string { return s.String() }

// LogValue gives host and port, without the password.
func (s Server) LogValue() slog.Value { return slog.StringValue(s.String()) }
