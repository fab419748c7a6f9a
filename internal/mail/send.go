package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// patience bounds each step of the conversation. Servers that look into a message before they take it answer
// its end late.
const patience = time.Minute

// compose makes the message as it goes over the wire.
func compose(s Server, e Entry) *gomail.Msg {
	options := []gomail.MsgOption{gomail.WithCharset(gomail.CharsetUTF8), gomail.WithNoDefaultUserAgent()}
	// Quoted-printable keeps Latin scripts readable and short; in other scripts it would triple the text.
	if mostlyASCII(e.Text) {
		options = append(options, gomail.WithEncoding(gomail.EncodingQP))
	} else {
		options = append(options, gomail.WithEncoding(gomail.EncodingB64))
	}
	m := gomail.NewMsg(options...)
	// Both have been checked; the library would read them again from text, where a quotation mark in a name
	// means something else.
	m.FromMailAddress(&mail.Address{Name: s.FromName, Address: s.From.Reveal()})
	m.ToMailAddress(&mail.Address{Name: e.Name, Address: e.To.Reveal()})
	m.Subject(e.Subject)
	m.SetDateWithValue(e.Created)
	m.SetMessageIDWithValue(e.ID + "@" + s.From.domain())
	m.SetGenHeader("Content-Language", e.Lang)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notices, please
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same in another dialect
	m.SetBodyString(gomail.TypeTextPlain, canonical(e.Text))
	for _, a := range e.Attachments {
		m.AttachReadSeeker(a.Name, bytes.NewReader(a.Body), gomail.WithFileContentType(gomail.ContentType(a.Type)))
	}
	return m
}

func mostlyASCII(s string) bool {
	foreign := 0
	for _, c := range []byte(s) {
		if c >= 0x80 {
			foreign++
		}
	}
	return foreign*5 < len(s)
}

// canonical ends every line with CR LF, as mail wants it.
func canonical(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return strings.ReplaceAll(strings.TrimRight(text, "\n")+"\n", "\n", "\r\n")
}

// conversation is one connection to the mail server.
type conversation struct {
	client *gomail.Client
	smtp   *smtp.Client
	conn   net.Conn
	stop   func() bool
}

// converse connects and signs in. When ctx ends, the connection is cut.
func (s Server) converse(ctx context.Context) (*conversation, error) {
	config := &tls.Config{}
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	config.ServerName, config.MinVersion = s.Host, tls.VersionTLS12
	c := &conversation{stop: func() bool { return true }}
	dial := func(short context.Context, network, address string) (conn net.Conn, err error) {
		if s.Security == Implicit {
			conn, err = (&tls.Dialer{Config: config}).DialContext(short, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(short, network, address)
		}
		if err != nil {
			return nil, err
		}
		// The library heeds a context while it dials only.
		c.conn, c.stop = conn, context.AfterFunc(ctx, func() { conn.Close() })
		return conn, nil
	}
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(patience), gomail.WithTLSConfig(config), gomail.WithDialContextFunc(dial),
		gomail.WithHELO(s.From.domain()), gomail.WithoutSMTPUTF8(), gomail.WithoutNoop(),
	}
	if s.Security == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	} else {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.User != "" {
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	var err error
	if c.client, err = gomail.NewClient(s.Host, options...); err != nil {
		return nil, &Failure{Reason: Unreachable, Detail: line(err.Error()), Temporary: true}
	}
	c.smtp, err = c.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if c.stop(); c.conn != nil { // the library leaves it open
			c.conn.Close()
		}
		return nil, s.unconnected(err)
	}
	return c, nil
}

func (c *conversation) close() {
	if c.stop() {
		c.client.CloseWithSMTPClient(c.smtp) // QUIT; the message's fate is decided before
	}
	c.conn.Close()
}

// unconnected sorts out why no conversation came about. It concerns no message, so all of it is temporary.
func (s Server) unconnected(err error) *Failure {
	f := &Failure{Reason: Unreachable, Temporary: true}
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		f.Detail = codes(answer.Code, answer.Msg)
		if s.User != "" && (answer.Code == 454 || answer.Code == 530 || answer.Code >= 534 && answer.Code <= 538) { // RFC 4954
			f.Reason = SignIn
		}
	default:
		f.Detail = line(err.Error())
	}
	return f
}

// line makes one line of at most 200 characters of an error's text, which may quote what a stranger sent.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > 200 {
		text = string(r[:200]) + "…"
	}
	return text
}

// send hands one message to the mail server. It returns nil when the server has taken it, a *Failure when not,
// and the context's error when it was cut short.
func (s Server) send(ctx context.Context, e Entry) error {
	m := compose(s, e)
	c, err := s.converse(ctx)
	if err == nil {
		err = c.client.SendWithSMTPClient(c.smtp, m)
		c.close()
		if m.IsDelivered() { // an error after that, as of RSET, concerns the conversation alone
			return nil
		}
	}
	var f *Failure
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &f):
		return f
	case err == nil:
		return &Failure{Reason: Interrupted, Temporary: true}
	}
	return refusal(err)
}

// refusal sorts out what the mail server had against a message. Codes 5xx about the recipient or the message
// are final; what the server has against this instance is for the operator to mend, so it is tried again.
func refusal(err error) *Failure {
	var said *gomail.SendError
	if !errors.As(err, &said) || said.ErrorCode() == 0 {
		return &Failure{Reason: Interrupted, Temporary: true}
	}
	f := &Failure{Detail: codes(said.ErrorCode(), said.EnhancedStatusCode()), Temporary: said.ErrorCode() < 500}
	switch said.Reason {
	case gomail.ErrSMTPMailFrom:
		f.Reason, f.Temporary = Sender, true
	case gomail.ErrSMTPRcptTo:
		f.Reason = Recipient
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose, gomail.ErrWriteContent:
		f.Reason = Content
	default:
		f.Reason, f.Temporary = Interrupted, true
	}
	return f
}

// codes gives the codes of a server's answer without its words: the status, and the enhanced status (RFC 3463)
// that text begins with, if it does.
func codes(status int, text string) string {
	enhanced, _, _ := strings.Cut(text, " ")
	var class, subject, detail int
	if n, err := fmt.Sscanf(enhanced, "%1d.%3d.%3d", &class, &subject, &detail); n == 3 && err == nil {
		return fmt.Sprintf("%d %d.%d.%d", status, class, subject, detail)
	}
	return fmt.Sprint(status)
}

// Check connects to the mail server, signs in and leaves, without sending anything.
func (s Server) Check(ctx context.Context) error {
	c, err := s.converse(ctx)
	if err != nil {
		return fmt.Errorf("checking the mail server %s: %w", s, err)
	}
	c.close()
	return nil
}
