package docx

import (
	"strings"
)

// An anchor is written twice: as the name of a bookmark, which other programs
// keep when they do not know content controls, and as the tag of a content
// control, which stays when somebody types over the whole of it. Names of
// bookmarks have at most 40 characters and do not tell case apart.
const (
	paragraphAnchor = "p_"
	runAnchor       = "c_"
	maxAnchor       = 40 - len(paragraphAnchor)
)

// anchorName spells an id with lower-case letters, digits and hyphens; each
// other byte is an underscore and two hexadecimal digits.
func anchorName(kind, id string) string {
	const hex = "0123456789abcdef"
	b := append(make([]byte, 0, maxAnchor), kind...)
	for i := range len(id) {
		if c := id[i]; c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b = append(b, c)
		} else {
			b = append(b, '_', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// anchorID is the reverse. What anchorName does not write is no anchor.
func anchorID(name string) (kind, id string, ok bool) {
	if len(name) <= 2 || len(name) > 40 {
		return "", "", false
	}
	kind, name = name[:2], name[2:]
	if kind != paragraphAnchor && kind != runAnchor {
		return "", "", false
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' {
			if i+2 >= len(name) {
				return "", "", false
			}
			hi, lo := strings.IndexByte("0123456789abcdef", name[i+1]), strings.IndexByte("0123456789abcdef", name[i+2])
			if hi < 0 || lo < 0 {
				return "", "", false
			}
			c = byte(hi<<4 | lo)
			i += 2
		}
		b.WriteByte(c)
	}
	id = b.String()
	return kind, id, goodAnchor(id) && anchorName(kind, id) == kind+name
}

// goodAnchor says whether an id can be an anchor.
func goodAnchor(id string) bool {
	return id != "" && len(anchorName("", id)) <= maxAnchor && clean(id) == id && strings.TrimSpace(id) == id
}
