package psi

import (
	"crypto/sha512"
	"crypto/subtle"
	"errors"

	"github.com/gtank/ristretto255"
)

// hashToGroup maps a message to a group element whose logarithm nobody knows:
// hash_to_ristretto255 of RFC 9380, appendix B, with SHA-512.
func hashToGroup(message []byte, tag string) (*ristretto255.Element, error) {
	uniform, err := expand(message, tag, 64)
	if err != nil {
		return nil, err
	}
	return ristretto255.NewIdentityElement().SetUniformBytes(uniform)
}

// expand is expand_message_xmd of RFC 9380, section 5.3.1, with SHA-512.
func expand(message []byte, tag string, size int) ([]byte, error) {
	if len(tag) == 0 || len(tag) > 255 {
		return nil, errors.New("hashing to the group: a tag has 1 to 255 bytes")
	}
	blocks := (size + sha512.Size - 1) / sha512.Size
	if blocks > 255 || size > 65535 {
		return nil, errors.New("hashing to the group: too many bytes asked for")
	}
	suffix := append([]byte(tag), byte(len(tag)))
	h := sha512.New()
	h.Write(make([]byte, sha512.BlockSize))
	h.Write(message)
	h.Write([]byte{byte(size >> 8), byte(size), 0})
	h.Write(suffix)
	first := h.Sum(nil)
	last := make([]byte, sha512.Size)
	var out []byte
	for i := 1; i <= blocks; i++ {
		subtle.XORBytes(last, last, first)
		h.Reset()
		h.Write(last)
		h.Write([]byte{byte(i)})
		h.Write(suffix)
		last = h.Sum(last[:0])
		out = append(out, last...)
	}
	return out[:size], nil
}
