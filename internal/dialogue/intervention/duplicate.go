package intervention

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/store"
)

// sketchSize is how many of the smallest hashes stand for a text (bottom-k sketch, Cohen and Kaplan 2007): enough to
// tell a resemblance of 0.7 with an error of about 0.05.
const sketchSize = 96

// alikeFrom is the resemblance from which two texts are shown as nearly the same.
const alikeFrom = 0.7

// sketch is the smallest hashes of a text's runs of eight letters, smallest first, four bytes each. Whoever makes two
// texts collide on purpose only makes an officer look at both.
func sketch(paragraphs []string) []byte {
	const run = 8
	letters := make([]rune, 0, 1024)
	for _, p := range paragraphs {
		for _, r := range p {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters = append(letters, unicode.ToLower(r))
			}
		}
	}
	var all []uint32
	for i := 0; len(letters) > 0 && (i == 0 || i+run <= len(letters)); i++ {
		h := uint64(14695981039346656037) // FNV-1a over runes, then mixed, for its low bits are poor
		for _, r := range letters[i:min(i+run, len(letters))] {
			h = (h ^ uint64(r)) * 1099511628211
		}
		h ^= h >> 32
		all = append(all, uint32(h*0x9e3779b97f4a7c15>>32))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	out := []byte{}
	for _, h := range all[:min(sketchSize, len(all))] {
		out = binary.BigEndian.AppendUint32(out, h)
	}
	return out
}

// resemblance estimates from two sketches how much of two texts is the same, from 0 to 1.
func resemblance(a, b []byte) float64 {
	n, both := 0, 0
	for ; n < sketchSize && len(a) >= 4 && len(b) >= 4; n++ {
		x, y := binary.BigEndian.Uint32(a), binary.BigEndian.Uint32(b)
		if x == y {
			both++
		}
		if x <= y {
			a = a[4:]
		}
		if y <= x {
			b = b[4:]
		}
	}
	n = min(sketchSize, n+max(len(a), len(b))/4)
	if n == 0 {
		return 0
	}
	return float64(both) / float64(n)
}

const selectSketches = `
	select t.input, t.sketch
	from input_text t
	join input i on i.org = t.org and i.id = t.input
	where t.org = $1 and i.dialogue = $2 and t.lang = i.lang
	order by t.input, t.number`

// alike finds the input of a dialogue with the nearest words; empty where none is near.
func (room *Room) alike(tx *store.Tx, id dialogue.ID, paragraphs []string) (found ID, err error) {
	own, best := sketch(paragraphs), 0.0
	err = each(tx, func(rows *sql.Rows) error {
		var input ID
		var other []byte
		err := rows.Scan(&input, &other)
		if r := resemblance(own, other); r >= alikeFrom && r > best {
			found, best = input, r
		}
		return err
	}, selectSketches, string(room.o.Org), string(id))
	if err != nil {
		return "", fmt.Errorf("looking for the same text: %w", err)
	}
	return found, nil
}
