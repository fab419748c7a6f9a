package linkage

import "strings"

// Skeleton reduces a folded name to the consonants that survive transliteration
// and careless spelling: Mohammed, Muhammad and محمد give one skeleton, and so do
// Yusuf and Youssef, Katherine and Catherine, Schmidt and Shmit. Letters outside
// ASCII are kept as they are. It is deliberately coarse: two values with the same
// skeleton are worth comparing, not the same.
func Skeleton(folded string) string {
	words := strings.Fields(folded)
	if len(words) > 1 {
		// Articles come and go between spellings: al Hasan, Al-Hassan, Hassan.
		kept := words[:0]
		for _, w := range words {
			if !articles[w] {
				kept = append(kept, w)
			}
		}
		if len(kept) > 0 {
			words = kept
		}
	}
	var b strings.Builder
	for _, w := range words {
		skeletonWord(&b, w)
	}
	return b.String()
}

var articles = map[string]bool{
	"al": true, "el": true, "ul": true, "ad": true, "ar": true, "as": true, "ash": true, "an": true, "at": true, "az": true,
	"de": true, "la": true, "del": true, "da": true, "do": true, "dos": true, "du": true, "le": true, "van": true, "von": true, "der": true, "den": true,
	"bin": true, "ben": true, "ibn": true, "bint": true, "mr": true, "mrs": true, "ms": true, "dr": true,
}

// consonants maps letter groups to one sign, longest first at each place; a vowel
// maps to nothing.
var consonants = []struct{ from, to string }{
	{"shch", "S"}, {"tsch", "S"}, {"sch", "S"}, {"tch", "S"}, {"sh", "S"}, {"ch", "S"}, {"cz", "S"}, {"sz", "S"}, {"zh", "S"}, {"dj", "j"},
	{"kh", "h"}, {"gh", "g"}, {"th", "t"}, {"dh", "d"}, {"ph", "f"}, {"ck", "k"}, {"qu", "k"}, {"ts", "s"}, {"tz", "s"}, {"wr", "r"}, {"kn", "n"}, {"mc", "mk"},
	{"ce", "s"}, {"ci", "s"}, {"cy", "s"},
}

func skeletonWord(b *strings.Builder, w string) {
	last := byte(0)
	start := b.Len()
next:
	for i := 0; i < len(w); {
		for _, c := range consonants {
			if strings.HasPrefix(w[i:], c.from) {
				for j := 0; j < len(c.to); j++ {
					if c.to[j] != last {
						b.WriteByte(c.to[j])
						last = c.to[j]
					}
				}
				i += len(c.from)
				continue next
			}
		}
		c := w[i]
		i++
		sign := c
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'w', 'h':
			if b.Len() == start && (i == 1) {
				// A first vowel is a place holder, so that Ali is not Li.
				sign = 'A'
				switch c {
				case 'h', 'w', 'y':
					sign = c
				}
				break
			}
			last = 0
			continue
		case 'c', 'q', 'x':
			sign = 'k'
		case 'z':
			sign = 's'
		case 'b':
			sign = 'p'
		case 'v':
			sign = 'f'
		case 'd':
			sign = 't'
		case 'g':
			sign = 'j'
		}
		if sign == last {
			continue
		}
		b.WriteByte(sign)
		last = sign
	}
}
