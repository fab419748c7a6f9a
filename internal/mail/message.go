// Package mail keeps messages to persons and sends them.
//
// A message is a row, written in the transaction that causes it, and a job that sends it. Without a mail server
// it stays in the outbox, to be shown there. Messages are plain text, one for each person, without pictures,
// tracking or anybody else's address; a letter may be attached. Their rows are personal data and go on the date they carry.
//
// Sending is at least once: a program that dies between the mail server's answer and its own commit sends
// the message again, under the same Message-ID.
package mail

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Message is what one person is told. However it is printed, logged or encoded, it comes out as "[message]".
type Message struct {
	To Address
	// Name is the person's, for the header; it may be empty.
	Name string
	// Subject is one line.
	Subject string
	// Text is plain text with lines as long as the paragraphs.
	Text string
	// Lang is the language of subject and text, as a BCP 47 tag.
	Lang string
	// Secret marks a text with a one-time link: it is emptied in the outbox once it is sent or given up.
	Secret bool
	// Until is when the message has become useless and is not sent any more; zero for never.
	Until time.Time
	// Erases is when the row goes, sent or not.
	Erases time.Time
	// Attachments go with the message. Lists of messages leave them out.
	Attachments []Attachment
}

// The longest subject and name, in characters, and the longest text, in bytes.
const (
	maxSubject = 200
	maxName    = 200
	maxText    = 256 << 10
)

// check says what keeps m from being sent. The words never repeat the message's.
func (m Message) check(now time.Time) error {
	switch {
	case m.To == (Address{}):
		return fmt.Errorf("%w: there is none", ErrAddress)
	case !isLine(m.Name, maxName):
		return errors.New("the name is not one line of text")
	case m.Subject == "" || !isLine(m.Subject, maxSubject):
		return fmt.Errorf("the subject is not one line of text of at most %d characters", maxSubject)
	case m.Text == "" || len(m.Text) > maxText || !utf8.ValidString(m.Text) || strings.ContainsFunc(m.Text, isUnprintable):
		return fmt.Errorf("the text is empty, longer than %d bytes or not text", maxText)
	case !m.Erases.After(now):
		return errors.New("the message has no erasure date in the future")
	}
	if _, err := language.Parse(m.Lang); err != nil {
		return fmt.Errorf("the language %q is unknown", m.Lang)
	}
	return checkAttachments(m.Attachments)
}

// isLine tells whether s can stand in a header: text without line ends or other controls. Marks of direction
// are allowed, as Arabic needs them; overrides, which make a text read as another, are not.
func isLine(s string, max int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= max && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\u202d' || r == '\u202e'
	})
}

func isUnprintable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}

// LogValue keeps messages out of logs.
func (Message) LogValue() slog.Value { return slog.StringValue("[message]") }

// Format keeps messages out of everything that package fmt makes.
func (Message) Format(f fmt.State, _ rune) { io.WriteString(f, "[message]") }

// MarshalText keeps messages out of JSON.
func (Message) MarshalText() ([]byte, error) { return []byte("[message]"), nil }

// State says what became of a message.
type State string

// The states of a message.
const (
	Queued State = "queued" // to be sent
	Sent   State = "sent"   // taken by the mail server
	Failed State = "failed" // refused for good, or given up
	Shown  State = "shown"  // no mail server is set up: it only stands in the outbox
)

// Entry is a message in the outbox. Like the message, it does not print itself.
type Entry struct {
	Message
	ID      string
	State   State
	Created time.Time
	// Attempts counts the failed ones, and the one that succeeded.
	Attempts int
	// Reason and Detail say why the last attempt failed; empty if it did not. Detail holds the mail server's
	// codes and no personal data.
	Reason Reason
	Detail string
}

// Reason is why a message could not be sent, as a code that pages put into words.
type Reason string

// The reasons of failure.
const (
	Unreachable Reason = "unreachable" // the mail server cannot be reached, or not safely
	SignIn      Reason = "sign-in"     // the mail server does not accept this instance's user
	Sender      Reason = "sender"      // the mail server does not accept this instance's address
	Recipient   Reason = "recipient"   // the mail server does not accept the person's address
	Content     Reason = "content"     // the mail server does not accept the message
	Interrupted Reason = "interrupted" // the conversation with the mail server broke off
	Late        Reason = "late"        // the message had become useless before it could be sent
)

// Failure is one attempt that failed. It holds no address and nothing of the message: mail servers repeat
// addresses in their answers, so of those only the codes are kept.
type Failure struct {
	Reason Reason
	// Detail is the mail server's codes, as in "550 5.1.1", or the cause of a failed connection.
	Detail string
	// Temporary tells that another attempt may succeed.
	Temporary bool
}

func (f *Failure) Error() string {
	said := map[Reason]string{
		Unreachable: "the mail server cannot be reached",
		SignIn:      "the mail server does not accept the user or the password; check the configuration",
		Sender:      "the mail server does not accept this instance's address; check the configuration",
		Recipient:   "the mail server does not accept the recipient",
		Content:     "the mail server does not accept the message",
		Interrupted: "the conversation with the mail server broke off",
		Late:        "the message had become useless before it could be sent",
	}[f.Reason]
	if f.Detail == "" {
		return said
	}
	return said + " (" + f.Detail + ")"
}
