package seal

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// Recipient is the public half of a key. Recipients can be compared and printed.
type Recipient struct{ text string }

const (
	hybridPrefix  = "age1pq1"
	classicPrefix = "age1"
	secretPrefix  = "AGE-SECRET-KEY-"
)

// ParseRecipient reads one recipient: hybrid (age1pq1…) or classic (age1…). Errors wrap ErrRecipient and do not
// repeat the text, which may be a secret key given by mistake.
func ParseRecipient(s string) (Recipient, error) {
	s = strings.TrimSpace(s)
	if _, err := parseRecipient(s); err != nil {
		return Recipient{}, err
	}
	return Recipient{s}, nil
}

func parseRecipient(s string) (key age.Recipient, err error) {
	switch {
	case strings.HasPrefix(s, secretPrefix):
		return nil, fmt.Errorf("%w but a secret key; give the line that begins with %s", ErrRecipient, classicPrefix)
	case strings.HasPrefix(s, hybridPrefix):
		key, err = age.ParseHybridRecipient(s)
	case strings.HasPrefix(s, classicPrefix):
		key, err = age.ParseX25519Recipient(s)
	default:
		return nil, fmt.Errorf("%w: it does not begin with %s or %s", ErrRecipient, hybridPrefix, classicPrefix)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: a character is wrong, missing or too many", ErrRecipient)
	}
	return key, nil
}

// Hybrid tells whether the recipient stands against a later quantum computer.
func (r Recipient) Hybrid() bool { return strings.HasPrefix(r.text, hybridPrefix) }

// String gives the one line that ParseRecipient reads.
func (r Recipient) String() string { return r.text }

// Recipients are those who can each open an envelope: all hybrid or all classic.
type Recipients struct {
	list []Recipient
	keys []age.Recipient
}

// NewRecipients makes a list of recipients, each once, in the order given. Errors wrap ErrMixed, or ErrRecipient
// when the list is empty.
func NewRecipients(list ...Recipient) (Recipients, error) {
	var to Recipients
	for _, r := range list {
		key, err := parseRecipient(r.text)
		if err != nil {
			return Recipients{}, err
		}
		if r.Hybrid() != list[0].Hybrid() {
			return Recipients{}, fmt.Errorf("%w: one classic key would undo the protection of the others; make hybrid keys for all", ErrMixed)
		}
		if !slices.Contains(to.list, r) {
			to.list, to.keys = append(to.list, r), append(to.keys, key)
		}
	}
	if len(to.list) == 0 {
		return Recipients{}, fmt.Errorf("%w: the list is empty", ErrRecipient)
	}
	return to, nil
}

// maxKeyFile is the longest file of recipients or identities, in bytes.
const maxKeyFile = 1 << 20

// ParseRecipients reads a list of recipients, one on each line; empty lines and those that begin with # do not count.
func ParseRecipients(in io.Reader) (Recipients, error) {
	var list []Recipient
	err := keyLines(in, ErrRecipient, func(line string) error {
		r, err := ParseRecipient(line)
		list = append(list, r)
		return err
	})
	if err != nil {
		return Recipients{}, fmt.Errorf("reading recipients: %w", err)
	}
	return NewRecipients(list...)
}

// keyLines calls each with the lines that count. What is wrong with a line is said with its number.
func keyLines(in io.Reader, kind error, each func(line string) error) error {
	scan := bufio.NewScanner(io.LimitReader(in, maxKeyFile))
	size := 0
	for n := 1; scan.Scan(); n++ {
		size += len(scan.Bytes()) + 1
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := scan.Err(); err == bufio.ErrTooLong || size >= maxKeyFile {
		return fmt.Errorf("%w: the file is too long", kind)
	} else if err != nil {
		return err
	}
	return nil
}

// List gives the recipients.
func (to Recipients) List() []Recipient { return slices.Clone(to.list) }

// Hybrid tells whether what is sealed to them stands against a later quantum computer.
func (to Recipients) Hybrid() bool { return len(to.list) > 0 && to.list[0].Hybrid() }

// String gives one recipient on each line, as ParseRecipients reads them.
func (to Recipients) String() string {
	var b strings.Builder
	for _, r := range to.list {
		b.WriteString(r.text + "\n")
	}
	return b.String()
}
