package blob

import (
	"fmt"
	"strings"
)

// Name is a file's name: segments of small letters, digits, dots, hyphens and underscores, parted by slashes,
// each beginning with a letter or digit. Names of this form are safe in every file system and store, and are
// the same where large and small letters are.
type Name string

// The longest name and the longest segment, in bytes.
const (
	maxName    = 200
	maxSegment = 100
)

// ParseName reads a name that comes from outside. Errors wrap ErrName.
func ParseName(s string) (Name, error) {
	if s == "" || len(s) > maxName {
		return "", fmt.Errorf("%w: it has %d bytes, 1 to %d are allowed", ErrName, len(s), maxName)
	}
	for segment := range strings.SplitSeq(s, "/") {
		if !isSegment(segment) {
			return "", fmt.Errorf("%w: %q", ErrName, s)
		}
	}
	return Name(s), nil
}

func isSegment(s string) bool {
	if s == "" || len(s) > maxSegment || strings.IndexByte("._-", s[0]) >= 0 || s[len(s)-1] == '.' {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
