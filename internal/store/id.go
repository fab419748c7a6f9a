package store

import (
	"encoding/base32"
	"fmt"
	"io"
)

var idEncoding = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// NewID draws a random name of 26 letters and digits (128 bits) from random. Ids say nothing about when or
// in which order rows were made.
func NewID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("drawing an id: %w", err)
	}
	return idEncoding.EncodeToString(b[:]), nil
}
