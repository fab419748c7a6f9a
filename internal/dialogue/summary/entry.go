package summary

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/text"
)

// The types of entries, and the last part of the subject of the coverage account.
const (
	wholeType      = "summary.published"
	blockType      = "summary.block"
	accountType    = "summary.account"
	accountSubject = "account"
)

// Body is the text of a block's entry.
type Body struct {
	Dialogue dialogue.ID  `json:"dialogue"`
	Block    text.BlockID `json:"block"`
	Sample   bool         `json:"sample,omitempty"`
	// Version counts the texts of this block that were published.
	Version int  `json:"version"`
	Kind    Kind `json:"kind"`
	// Need is that of the section; Topics are further needs and themes.
	Need   string      `json:"need,omitempty"`
	Topics []string    `json:"topics,omitempty"`
	Lang   locale.Lang `json:"lang"`
	Text   text.Words  `json:"text"`
	Asks   *text.Asks  `json:"asks,omitempty"`
	// Citations are the quotations that it rests on.
	Citations []Quotation `json:"citations,omitempty"`
}

// Quotation is a passage of an entry of the public record.
type Quotation struct {
	Entry   ledger.ID   `json:"entry"`
	Source  string      `json:"source"` // its subject
	Version string      `json:"version,omitempty"`
	Lang    locale.Lang `json:"lang"`
	// Status is that of the text that is quoted.
	Status   text.Status `json:"status,omitempty"`
	Selector Selector    `json:"selector"`
	Who      Who         `json:"who,omitzero"`
}

// Selector is a TextQuoteSelector of the W3C Web Annotation Data Model.
type Selector struct {
	Type string `json:"type"`
	text.Selector
}

// Who says how the public knows who said something.
type Who struct {
	Name   string `json:"name,omitempty"`
	Type   string `json:"type,omitempty"`
	Region string `json:"region,omitempty"`
	// Title is that of an entry that is no source of the dialogue.
	Title string `json:"title,omitempty"`
	Path  string `json:"path,omitempty"`
}

// Whole is the text of the entry of a summary.
type Whole struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Sample   bool        `json:"sample,omitempty"`
	// Version counts what was published.
	Version  int           `json:"version"`
	Lang     locale.Lang   `json:"lang"`
	Langs    []locale.Lang `json:"langs"`
	Title    text.Words    `json:"title"`
	Sections []Part        `json:"sections"`
	Account  ledger.ID     `json:"account"`
	// Signed are those who stand behind it.
	Signed []Signed `json:"signed"`
	// Note says what a corrected version changes.
	Note string `json:"note,omitempty"`
}

// Part is a section of a published summary.
type Part struct {
	Need    string     `json:"need,omitempty"`
	Heading text.Words `json:"heading,omitempty"`
	Blocks  []Placed   `json:"blocks"`
}

// Placed is a block in its place.
type Placed struct {
	ID     text.BlockID `json:"id"`
	Number int          `json:"number"`
	Entry  ledger.ID    `json:"entry"`
}

// Signed is a signature under a version, without a name.
type Signed struct {
	Capacity string `json:"capacity"`
	At       string `json:"at"`
}

// Account is the text of the entry of the coverage account: which sources a summary reflects, and why it does not reflect
// the others.
type Account struct {
	Dialogue   dialogue.ID  `json:"dialogue"`
	Sample     bool         `json:"sample,omitempty"`
	Version    int          `json:"version"` // of the summary
	All        text.Share   `json:"all"`
	Categories []text.Share `json:"categories"`
	Languages  []text.Share `json:"languages"`
	Needs      []text.Share `json:"needs"`
	Sources    []Accounted  `json:"sources"`
	// Others are cited and no sources of the dialogue.
	Others []string `json:"others,omitempty"`
}

// Accounted is what became of one source.
type Accounted struct {
	Source string      `json:"source"`
	Who    Who         `json:"who,omitzero"`
	Lang   locale.Lang `json:"lang,omitempty"`
	Needs  []string    `json:"needs,omitempty"`
	Fate   text.Fate   `json:"fate"`
	Words  int         `json:"words"`
	Quoted int         `json:"quoted,omitempty"`
	// Blocks are the numbers of the paragraphs that quote it.
	Blocks []int      `json:"blocks,omitempty"`
	Reason text.Words `json:"reason,omitempty"`
}

// within tells where in the text of an entry a quotation stands, as a path into its JSON: in its paragraphs, which count
// as joined by empty lines, or in one of its strings. The path is empty where the passage goes over several paragraphs.
func within(entry []byte, sel text.Selector) (path string, ok bool) {
	var v map[string]any
	if json.Unmarshal(entry, &v) != nil {
		return "", false
	}
	if all, is := v["paragraphs"].([]any); is {
		var paragraphs []string
		for _, p := range all {
			s, _ := p.(string)
			paragraphs = append(paragraphs, s)
		}
		m := text.Find(strings.Join(paragraphs, paragraphEnd), sel)
		if m.Outcome != text.Found {
			return "", false
		}
		start := 0
		for i, p := range paragraphs {
			if start <= m.Start && m.End <= start+len(p) {
				return "paragraphs." + strconv.Itoa(i), true
			}
			start += len(p) + len(paragraphEnd)
		}
		return "", true
	}
	return seek(v, "", sel)
}

// paragraphEnd stands between the paragraphs of a text.
const paragraphEnd = "\n\n"

func seek(v any, path string, sel text.Selector) (string, bool) {
	inside := func(name string, v any) (string, bool) {
		if path != "" {
			name = path + "." + name
		}
		return seek(v, name, sel)
	}
	switch v := v.(type) {
	case string:
		return path, text.Find(v, sel).Outcome == text.Found
	case []any:
		for i, one := range v {
			if p, ok := inside(strconv.Itoa(i), one); ok {
				return p, true
			}
		}
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if p, ok := inside(name, v[name]); ok {
				return p, true
			}
		}
	}
	return "", false
}

// paragraphsOf gives the text of an entry that has paragraphs; empty for others.
func paragraphsOf(entry []byte) string {
	var v struct {
		Paragraphs []string `json:"paragraphs"`
	}
	if json.Unmarshal(entry, &v) != nil {
		return ""
	}
	return strings.Join(v.Paragraphs, paragraphEnd)
}
