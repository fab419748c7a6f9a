// Package message reads electronic mail as people save it: a message (.eml, RFC 5322 with MIME, RFC 2045 to 2049) and a
// mailbox of them (mbox, RFC 4155). It gives what was written, from whom and with which files, and nothing of how it
// looked.
package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// Message is what somebody sent.
type Message struct {
	// ID is the Message-ID without its brackets; empty where there is none.
	ID string
	// Name and Address are the sender's; Name may be empty.
	Name, Address string
	Subject       string
	// Date is zero where the message has none that can be read.
	Date time.Time
	// Lang is the Content-Language, as written; often empty.
	Lang string
	// Text is what was written, with lines as long as its paragraphs where it was sent as HTML.
	Text string
	// Files are what was attached, in their order.
	Files []File
	// Problems are parts that were left out, with the reason.
	Problems []Problem
}

// File is an attachment.
type File struct {
	// Name is the file's own, without any path; empty where it has none.
	Name string
	// Type is the media type that the message claims.
	Type string
	Body []byte
}

// The bounds of a message.
const (
	MaxBytes = 40 << 20 // of one message as it was sent
	maxDepth = 8        // multiparts within multiparts
	maxParts = 200
)

// Code says what is wrong with a message, for messages in other languages.
type Code string

// The codes of problems. The last four concern a part alone, which is left out.
const (
	TooLarge    Code = "too_large"
	NoMessage   Code = "no_message"     // it has no headers of a message
	NoSender    Code = "no_sender"      // nobody can be asked to confirm it
	BadPart     Code = "bad_part"       // a part cannot be taken apart
	BadCharset  Code = "bad_charset"    // a part's encoding is not known
	Encrypted   Code = "encrypted"      // S/MIME or OpenPGP: the words are not here
	TooManyPart Code = "too_many_parts" // parts beyond the bound
)

// Codes lists all codes.
func Codes() []Code {
	return []Code{TooLarge, NoMessage, NoSender, BadPart, BadCharset, Encrypted, TooManyPart}
}

// Problem says what is wrong. Part names the part as it is counted within the message, such as "2.1"; empty for the
// message as a whole.
type Problem struct {
	Code Code
	Part string
}

func (p *Problem) Error() string {
	if p.Part == "" {
		return "reading a message: " + string(p.Code)
	}
	return "reading a message: part " + p.Part + ": " + string(p.Code)
}

// Read reads one message. An error that is not the reader's is a *Problem; what concerns a part alone stands in
// Message.Problems.
func Read(r io.Reader) (*Message, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading a message: %w", err)
	}
	if len(body) > MaxBytes {
		return nil, &Problem{Code: TooLarge}
	}
	in, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil || in.Header.Get("From")+in.Header.Get("Date")+in.Header.Get("Message-Id") == "" {
		return nil, &Problem{Code: NoMessage}
	}
	words := &mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	m := &Message{
		ID:      strings.Trim(strings.TrimSpace(in.Header.Get("Message-Id")), "<>"),
		Subject: oneLine(decoded(words, in.Header.Get("Subject"))),
		Lang:    oneLine(in.Header.Get("Content-Language")),
	}
	from, err := (&mail.AddressParser{WordDecoder: words}).ParseList(in.Header.Get("From"))
	if err != nil || len(from) == 0 {
		return nil, &Problem{Code: NoSender}
	}
	m.Name, m.Address = oneLine(from[0].Name), from[0].Address
	if date, err := in.Header.Date(); err == nil {
		m.Date = date
	}
	t := &taker{m: m, words: words}
	t.part(in.Header.Get, in.Body, "", 0)
	m.Text = t.text()
	return m, nil
}

func decoded(words *mime.WordDecoder, s string) string {
	if d, err := words.DecodeHeader(s); err == nil {
		return d
	}
	return s
}

// oneLine puts a header on one line of valid text.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
}

// taker takes a message apart.
type taker struct {
	m           *Message
	words       *mime.WordDecoder
	plain, html []string
	parts       int
	broken      bool // the message is cut off
}

// text prefers what was sent as plain text; a message of HTML alone is read as text.
func (t *taker) text() string {
	texts := t.plain
	if strings.TrimSpace(strings.Join(texts, "")) == "" {
		texts = t.html
	}
	return strings.TrimSpace(strings.Join(texts, "\n\n"))
}

func (t *taker) problem(code Code, name string) {
	t.m.Problems = append(t.m.Problems, Problem{code, name})
}

// part takes one part. header gives a header's value; name is the part's number.
func (t *taker) part(header func(string) string, body io.Reader, name string, depth int) {
	if t.parts++; t.parts > maxParts {
		if t.parts == maxParts+1 {
			t.problem(TooManyPart, name)
		}
		return
	}
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil && kind == "" {
		kind, params = "text/plain", map[string]string{"charset": "us-ascii"} // RFC 2045, 5.2
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		if kind == "multipart/encrypted" {
			t.problem(Encrypted, name)
			return
		}
		t.multi(body, params["boundary"], name, depth)
		return
	case kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime":
		t.problem(Encrypted, name)
		return
	case kind == "application/pkcs7-signature" || kind == "application/x-pkcs7-signature" || kind == "application/pgp-signature":
		return // a signature of the message says nothing about its words
	}
	content, err := io.ReadAll(transfer(header("Content-Transfer-Encoding"), body))
	if err != nil { // what came through is kept: half a statement is better than none, and its author will see it
		t.problem(BadPart, name)
		t.broken = true
	}
	disposition, dispositionParams, _ := mime.ParseMediaType(header("Content-Disposition"))
	file := dispositionParams["filename"]
	if file == "" {
		file = params["name"]
	}
	if file = fileName(decoded(t.words, file)); disposition == "attachment" || file != "" || !strings.HasPrefix(kind, "text/") {
		if disposition != "attachment" && strings.HasPrefix(header("Content-Id"), "<") && strings.HasPrefix(kind, "image/") {
			return // a picture of the layout, such as a logo in a signature
		}
		t.m.Files = append(t.m.Files, File{Name: file, Type: kind, Body: content})
		return
	}
	text, ok := toUTF8(content, params["charset"])
	if !ok {
		t.problem(BadCharset, name)
		return
	}
	switch kind {
	case "text/html":
		t.html = append(t.html, Words(text))
	default:
		if params["format"] == "flowed" {
			text = unflow(text, strings.EqualFold(params["delsp"], "yes"))
		}
		t.plain = append(t.plain, strings.TrimSpace(text))
	}
}

func (t *taker) multi(body io.Reader, boundary, name string, depth int) {
	if boundary == "" || depth >= maxDepth {
		t.problem(BadPart, name)
		t.broken = true
		return
	}
	parts := multipart.NewReader(body, boundary)
	for i := 1; ; i++ {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		at := fmt.Sprint(i)
		if name != "" {
			at = name + "." + at
		}
		if err != nil {
			if !t.broken { // where a message is cut off, every multipart around the place is
				t.problem(BadPart, at)
			}
			t.broken = true
			return
		}
		t.part(p.Header.Get, p, at, depth+1)
		if t.parts > maxParts {
			return
		}
	}
}

// transfer undoes the encoding for the journey (RFC 2045, 6).
func transfer(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// toUTF8 reads a text in the encoding that its part names.
func toUTF8(content []byte, label string) (string, bool) {
	if label == "" || strings.EqualFold(label, "us-ascii") || strings.EqualFold(label, "utf-8") {
		if utf8.Valid(content) {
			return lines(string(content)), true
		}
		label = "windows-1252" // what senders mean who say nothing
	}
	r, err := charset.NewReaderLabel(label, bytes.NewReader(content))
	if err != nil {
		return "", false
	}
	text, err := io.ReadAll(r)
	return lines(strings.ToValidUTF8(string(text), "\ufffd")), err == nil
}

// lines ends every line with a line feed alone.
func lines(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(s)
}

// fileName keeps the last part of a path.
func fileName(s string) string {
	s = oneLine(s)
	return strings.TrimSpace(s[strings.LastIndexAny(s, `/\:`)+1:])
}

// unflow joins the lines of flowed text (RFC 3676).
func unflow(text string, delsp bool) string {
	var out strings.Builder
	for l := range strings.SplitSeq(text, "\n") {
		l = strings.TrimPrefix(l, " ") // space-stuffing
		if strings.HasSuffix(l, " ") && l != "-- " {
			if delsp {
				l = l[:len(l)-1]
			}
			out.WriteString(l)
			continue
		}
		out.WriteString(l + "\n")
	}
	return out.String()
}
