// Package secret makes the random values that let their bearer in: one-time links, sessions, links to come back by.
package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a random value that lets its bearer in. The database holds its hash alone, and neither logs nor messages
// of errors show it. Secrets can be compared; the zero value is none.
type Secret struct{ text string }

// Bytes is the length of a secret before it is written as text: 256 bits.
const Bytes = 32

// New draws a secret from random.
func New(random io.Reader) (Secret, error) {
	var b [Bytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Secret{}, fmt.Errorf("drawing a secret: %w", err)
	}
	return Secret{base64.RawURLEncoding.EncodeToString(b[:])}, nil
}

// Parse reads what a browser sent; ok is false where it cannot be a secret of ours.
func Parse(s string) (Secret, bool) {
	if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil || len(b) != Bytes {
		return Secret{}, false
	}
	return Secret{s}, true
}

// Reveal gives the secret itself, for the link or the cookie that carries it.
func (s Secret) Reveal() string { return s.text }

// Hash is what the database keeps. A secret of 256 random bits needs no slow hash.
func (s Secret) Hash() []byte {
	sum := sha256.Sum256([]byte(s.text))
	return sum[:]
}

// String keeps secrets out of texts that are put together by accident.
func (Secret) String() string { return "[secret]" }

// GoString does the same for %#v.
func (Secret) GoString() string { return "[secret]" }

// LogValue keeps secrets out of logs.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }
