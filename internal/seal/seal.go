// Package seal keeps what only the holders of a key may read. It is the one package that encrypts or derives keys,
// and it has no cryptography of its own: envelopes are age files (https://age-encryption.org/v1), which any age
// client makes and opens. docs/formats/sealed.md specifies what stands in them.
//
// Nothing that is secret can be printed by accident: identities and answers come out of package fmt, of log/slog
// and of encoding/json as a placeholder, and no error repeats what was read.
package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// What can be wrong. Every error of this package wraps one of them, or is one of the reader or writer given.
var (
	ErrRecipient  = errors.New("this is not a recipient")
	ErrMixed      = errors.New("hybrid and classic recipients cannot stand in one envelope")
	ErrIdentity   = errors.New("this is not an identity")
	ErrPassphrase = errors.New("the passphrase does not open it")
	ErrNoPhrase   = errors.New("it opens with a passphrase, and none was given")
	ErrNotSealed  = errors.New("this is not an age file")
	ErrNoMatch    = errors.New("it was sealed for others: none of these keys opens it")
	ErrDamaged    = errors.New("the sealed file is damaged or cut short")
	ErrRecord     = errors.New("this is not a sealed record")
)

// magic is how every binary age file of version 1 begins.
const magic = "age-encryption.org/v1\n"

// NewWriter seals what is written to it. The envelope is whole only after Close, which does not close dst.
func NewWriter(dst io.Writer, to Recipients) (io.WriteCloser, error) {
	if len(to.list) == 0 {
		return nil, fmt.Errorf("sealing: %w: the list is empty", ErrRecipient)
	}
	w, err := age.Encrypt(dst, to.keys...)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return w, nil
}

// NewArmorWriter is as NewWriter and writes an envelope that can travel as text.
func NewArmorWriter(dst io.Writer, to Recipients) (io.WriteCloser, error) {
	a := armor.NewWriter(dst)
	w, err := NewWriter(a, to)
	if err != nil {
		return nil, err
	}
	return armored{w, a}, nil
}

type armored struct {
	io.WriteCloser
	outer io.Closer
}

func (a armored) Close() error {
	if err := a.WriteCloser.Close(); err != nil {
		return err
	}
	return a.outer.Close()
}

// NewReader opens an envelope, binary or armoured. What has been read before an error is genuine, but perhaps not
// all: whoever keeps it must first have reached io.EOF. Errors, also of Read, wrap ErrNotSealed, ErrNoMatch,
// ErrNoPhrase or ErrDamaged.
func NewReader(src io.Reader, with Identities) (io.Reader, error) {
	r, err := open(src, with.keys()...)
	var none *age.NoIdentityMatchError
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &none) && len(none.StanzaTypes) == 1 && none.StanzaTypes[0] == "scrypt":
		return nil, fmt.Errorf("opening: %w", ErrNoPhrase)
	}
	return nil, fmt.Errorf("opening: %w", judge(err))
}

// open gives the plaintext of an envelope, with the errors of age.
func open(src io.Reader, keys ...age.Identity) (io.Reader, error) {
	b := bufio.NewReader(src)
	s := &source{r: b}
	switch head := peek(b); {
	case strings.HasPrefix(head, magic):
		src = s
	case strings.HasPrefix(strings.TrimLeft(head, " \t\r\n"), armor.Header):
		src = armor.NewReader(s)
	default:
		return nil, ErrNotSealed
	}
	if len(keys) == 0 {
		return nil, ErrIdentity
	}
	r, err := age.Decrypt(src, keys...)
	if err != nil {
		return nil, errors.Join(err, s.err)
	}
	return plain{r, s}, nil
}

// peek gives the beginning of a file, enough to tell what it is.
func peek(b *bufio.Reader) string {
	head, _ := b.Peek(1024)
	return string(head)
}

// IsSealed tells whether a file that begins with head is an envelope. 1,024 bytes are enough.
func IsSealed(head []byte) bool {
	return bytes.HasPrefix(head, []byte(magic)) || bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(armor.Header))
}

// source remembers an error of the reader below, so that a broken disk is not taken for a broken file.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = &readError{err}
	}
	return n, err
}

type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

// plain is the plaintext of an envelope.
type plain struct {
	r io.Reader
	s *source
}

func (p plain) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("opening: %w", judge(errors.Join(err, p.s.err)))
	}
	return n, err
}

// judge turns an error of age into one of ours. Those of age may repeat what they read.
func judge(err error) error {
	var none *age.NoIdentityMatchError
	var read *readError
	switch {
	case errors.As(err, &read):
		return read.error
	case errors.Is(err, ErrNotSealed), errors.Is(err, ErrIdentity):
		return err
	case errors.As(err, &none):
		return ErrNoMatch
	}
	return ErrDamaged
}
