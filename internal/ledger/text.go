package ledger

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Digest is HMAC-SHA-256 of a text under its salt.
type Digest [sha256.Size]byte

// DigestOf commits to a text. Once the salt is erased, the digest tells nothing about the text, even to one who
// guesses it.
func DigestOf(salt, text []byte) Digest {
	m := hmac.New(sha256.New, salt)
	m.Write(text)
	return Digest(m.Sum(nil))
}

// checkText tells which rule a text breaks.
func checkText(text []byte) error {
	switch {
	case len(text) > MaxText:
		return fmt.Errorf("its text has %d bytes, %d are allowed", len(text), MaxText)
	case !utf8.Valid(text) || !json.Valid(text):
		return errors.New("its text is not JSON in UTF-8")
	}
	return nil
}

// line is one entry's line in a text bundle: salt and text, or a notice, or sealed.
type line struct {
	ID        ID
	Salt      []byte
	Text      []byte
	Withdrawn *Notice
}

// spelling is a line as JSON. Text is a string, so that its exact bytes survive readers that reorder objects.
type spelling struct {
	ID        ID      `json:"id"`
	Salt      string  `json:"salt,omitempty"`
	Text      *string `json:"text,omitempty"`
	Withdrawn *Notice `json:"withdrawn,omitempty"`
	Sealed    bool    `json:"sealed,omitempty"`
}

func (n line) spell() spelling {
	s := spelling{ID: n.ID}
	switch {
	case n.Withdrawn != nil:
		s.Withdrawn = n.Withdrawn
	case n.Text != nil:
		text := string(n.Text)
		s.Salt, s.Text = base64.StdEncoding.EncodeToString(n.Salt), &text
	default:
		s.Sealed = true
	}
	return s
}

func appendLine(b []byte, n line) ([]byte, error) {
	out := bytes.NewBuffer(b)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n.spell()); err != nil {
		return nil, fmt.Errorf("writing the text of %s: %w", n.ID, err)
	}
	return out.Bytes(), nil
}

// parseLine reads one line, without its line feed. It leaves the digest to the caller, who has the leaf.
func parseLine(b []byte) (line, error) {
	var s spelling
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return line{}, fmt.Errorf("the line is not one of the format's: %w", err)
	}
	if dec.InputOffset() != int64(len(b)) {
		return line{}, errors.New("the line goes on after its object")
	}
	n := line{ID: s.ID, Withdrawn: s.Withdrawn}
	kinds := 0
	if s.Text != nil {
		kinds++
		salt, err := base64.StdEncoding.DecodeString(s.Salt)
		if err != nil || len(salt) != SaltSize {
			return line{}, fmt.Errorf("the salt is not base64 of %d bytes", SaltSize)
		}
		n.Salt, n.Text = salt, []byte(*s.Text)
	} else if s.Salt != "" {
		return line{}, errors.New("the line has a salt without a text")
	}
	if s.Withdrawn != nil {
		kinds++
	}
	if s.Sealed {
		kinds++
	}
	if !s.ID.Valid() || kinds != 1 {
		return line{}, errors.New("the line must have an id and be one of text, withdrawn and sealed")
	}
	return n, nil
}

// splitLines cuts a text bundle into its lines.
func splitLines(b []byte) ([][]byte, error) {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return nil, errors.New("the text bundle does not end in a line feed")
	}
	return bytes.Split(b[:len(b)-1], []byte("\n")), nil
}

// noticeText is the text of a notice, in the one spelling of the format.
type noticeText struct {
	Withdraws ID     `json:"withdraws"`
	At        string `json:"at"`
	Reason    string `json:"reason"`
}

func (n noticeText) marshal() ([]byte, error) {
	if n.Reason == "" || len(n.Reason) > MaxReason || !utf8.ValidString(n.Reason) || strings.TrimSpace(n.Reason) != n.Reason {
		return nil, fmt.Errorf("the reason must be said in words, in at most %d bytes and without spaces at its ends", MaxReason)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func parseNotice(text []byte) (noticeText, error) {
	var n noticeText
	if err := json.Unmarshal(text, &n); err != nil {
		return noticeText{}, fmt.Errorf("the notice is not JSON: %w", err)
	}
	again, err := n.marshal()
	if err != nil {
		return noticeText{}, err
	}
	if !bytes.Equal(again, text) {
		return noticeText{}, errors.New("the notice is not spelled as the format says")
	}
	return n, nil
}
