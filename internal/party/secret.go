package party

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

// secret is a random value that lets its bearer in: the token of a one-time link or of a session. The database
// holds its hash alone, and neither logs nor messages of errors show it.
type secret struct{ text string }

// secretBytes is the length of a secret before it is written as text: 256 bits.
const secretBytes = 32

// newSecret draws a secret from random.
func newSecret(random io.Reader) (secret, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return secret{}, fmt.Errorf("drawing a secret: %w", err)
	}
	return secret{base64.RawURLEncoding.EncodeToString(b[:])}, nil
}

// parseSecret reads what a browser sent; ok is false where it cannot be a secret of ours.
func parseSecret(s string) (secret, bool) {
	if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil || len(b) != secretBytes {
		return secret{}, false
	}
	return secret{s}, true
}

// reveal gives the secret itself, for the link or the cookie that carries it.
func (s secret) reveal() string { return s.text }

// hash is what the database keeps. A secret of 256 random bits needs no slow hash.
func (s secret) hash() []byte {
	sum := sha256.Sum256([]byte(s.text))
	return sum[:]
}

// String keeps secrets out of texts that are put together by accident.
func (secret) String() string { return "[secret]" }

// GoString does the same for %#v.
func (secret) GoString() string { return "[secret]" }

// LogValue keeps secrets out of logs.
func (secret) LogValue() slog.Value { return slog.StringValue("[secret]") }
