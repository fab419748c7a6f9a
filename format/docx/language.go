package docx

import (
	"strings"
	"unicode"
)

// rightToLeft says whether the language with this tag is written so: by the
// script in the tag, else by the usual script of the language (CLDR).
func rightToLeft(tag string) bool {
	lang, rest, _ := strings.Cut(strings.ToLower(tag), "-")
	for sub := range strings.SplitSeq(rest, "-") {
		if len(sub) == 4 && sub[0] > '9' {
			switch sub {
			case "arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg", "samr", "mand":
				return true
			}
			return false
		}
	}
	switch lang {
	case "ar", "arz", "ary", "ajp", "apc", "he", "iw", "fa", "prs", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "syr", "nqo", "ks":
		return true
	}
	return false
}

// eastAsian says whether word processors keep the language as an Asian one.
func eastAsian(tag string) bool {
	lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return lang == "zh" || lang == "ja" || lang == "ko"
}

// slot is one of the three languages that a run of WordprocessingML has side
// by side (17.3.2.20); its letters and its direction say which one counts.
type slot int

const (
	latin slot = iota
	asian
	bidi
)

// slotOf gives the slot of a text, and whether there is a letter in it.
func slotOf(text string, rtl bool) (slot, bool) {
	var n [3]int
	for _, c := range text {
		switch {
		case c < 0x80:
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				n[latin]++
			}
		case !unicode.IsLetter(c):
		case unicode.In(c, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam):
			n[bidi]++
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
			n[asian]++
		default:
			n[latin]++
		}
	}
	letters := n[latin]+n[asian]+n[bidi] > 0
	switch {
	case rtl || n[bidi] > n[latin] && n[bidi] >= n[asian]:
		return bidi, letters
	case n[asian] > n[latin]:
		return asian, letters
	}
	return latin, letters
}

// is resolves a direction against the language it may be natural to.
func (d Direction) is(tag string) (rtl bool) {
	if d == Natural {
		return rightToLeft(tag)
	}
	return d == RightToLeft
}

// directed is the shortest way to say a direction.
func directed(rtl bool, tag string) Direction {
	switch {
	case rtl == rightToLeft(tag):
		return Natural
	case rtl:
		return RightToLeft
	}
	return LeftToRight
}

// onlyNumber says whether a text is set the same way in both directions.
func onlyNumber(text string) bool {
	for _, c := range text {
		if !unicode.IsDigit(c) && !strings.ContainsRune(".,:٫٬", c) {
			return false
		}
	}
	return strings.ContainsFunc(text, unicode.IsDigit)
}

// withoutRegion gives the language of the document for a tag that only adds a
// region to it, as word processors do.
func withoutRegion(tag, document string) string {
	if region, ok := strings.CutPrefix(tag, document+"-"); ok && document != "" && (len(region) == 2 || len(region) == 3 && region[0] <= '9') {
		return document
	}
	return tag
}

// plainTag says whether a language tag can stand in a file.
func plainTag(tag string) bool {
	for _, c := range tag {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(tag) <= 35 // RFC 5646, 4.4.1
}
