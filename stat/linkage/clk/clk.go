// Package clk links lists whose holders do not show each other their records.
//
// Every holder turns its records into encodings with a key that the holders of one
// study share and the linking side never has: a cryptographic long-term key in the
// sense of Schnell, Bachteler & Reiher (2011), 1,024 bits into which the pairs of
// letters of all fields are hashed, each field under a key of its own. The linking
// side compares bits: records that share most letters share most bits.
//
// The encodings are hardened: the tokens of names are salted with a stable field (the
// year of birth), every encoding is balanced to the same number of ones (Schnell & Borgs
// 2016), and bits may be flipped at random (Alaggan, Gambs & Kermarrec 2012).
// None of this makes an encoding anonymous. Attacks by frequency, by patterns and
// by graph matching are published (Christen and others), so encodings are personal
// data: use a key for one study alone, give them to a side that does not have the
// key and holds no such records itself, and delete them when the pairs are known.
package clk

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math/bits"
	"strings"
)

const (
	// Bits is the length of an encoding.
	Bits  = 1024
	words = Bits / 64
	// half is the length before balancing.
	half = Bits / 2
)

// Code is an encoding.
type Code [words]uint64

// Ones counts the bits that are set.
func (c *Code) Ones() int {
	n := 0
	for _, w := range c {
		n += bits.OnesCount64(w)
	}
	return n
}

// Dice is the Dice coefficient of two encodings, 2|a∧b|/(|a|+|b|); 0 if both are empty.
func Dice(a, b *Code) float64 {
	n := a.Ones() + b.Ones()
	if n == 0 {
		return 0
	}
	return 2 * float64(shared(a, b)) / float64(n)
}

// shared counts the bits set in both.
func shared(a, b *Code) int {
	n := 0
	for i := range a {
		n += bits.OnesCount64(a[i] & b[i])
	}
	return n
}

var text = base64.RawStdEncoding

// String writes the encoding in base64.
func (c *Code) String() string {
	var raw [Bits / 8]byte
	for i, w := range c {
		binary.LittleEndian.PutUint64(raw[8*i:], w)
	}
	return text.EncodeToString(raw[:])
}

// ParseCode reads what String wrote.
func ParseCode(s string) (Code, error) {
	var c Code
	var raw [Bits/8 + 3]byte
	if text.DecodedLen(len(s)) != Bits/8 {
		return c, fmt.Errorf("reading encoding: %d characters are not %d bits", len(s), Bits)
	}
	if _, err := text.Decode(raw[:], []byte(s)); err != nil {
		return c, fmt.Errorf("reading encoding: %w", err)
	}
	for i := range c {
		c[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return c, nil
}

// KeySize is the length of a study key in bytes.
const KeySize = 32

// Key is the secret of one study. The contributing sides share it; the linking
// side must not have it.
type Key [KeySize]byte

// NewKey draws a key; random should be crypto/rand.Reader.
func NewKey(random io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return k, fmt.Errorf("drawing a study key: %w", err)
	}
	return k, nil
}

// String writes the key as 64 hexadecimal digits, the form of a key file.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// ParseKey reads a key file: 64 hexadecimal digits, white space around them aside.
func ParseKey(file []byte) (Key, error) {
	var k Key
	s := strings.TrimSpace(string(file))
	if hex.DecodedLen(len(s)) != KeySize || len(s)%2 != 0 {
		return k, fmt.Errorf("reading study key: found %d characters, not 64 hexadecimal digits: use the key file of the study", len(s))
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return k, fmt.Errorf("reading study key: %w", err)
	}
	if k == (Key{}) {
		return k, fmt.Errorf("reading study key: the key is all zero: draw a real one")
	}
	return k, nil
}

// derive gives the keyed hash for one purpose, by HKDF-SHA-256 (RFC 5869).
func (k Key) derive(purpose string) (hash.Hash, error) {
	sub, err := hkdf.Key(sha256.New, k[:], nil, "rostrum linkage 1/"+purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	return hmac.New(sha256.New, sub), nil
}
