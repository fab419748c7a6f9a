package ledger

import (
	"fmt"
	"strings"
)

// maxFailures is how many failures a report lists; the rest are counted.
const maxFailures = 20

// Report is what a verification found.
type Report struct {
	// Verified is the verdict: nothing failed.
	Verified bool `json:"verified"`
	// Origin and Key say whose record this is; KeyFromSource, that the key came from the record itself, which then
	// only proves that it agrees with itself.
	Origin        string `json:"origin"`
	Key           string `json:"key"`
	KeyFromSource bool   `json:"key_from_source"`
	// Size, Root (base64) and Checkpoint are the head that was verified.
	Size       int64  `json:"size"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint"`
	// Continues is the size of the remembered checkpoint that the record was held against, or -1 for none.
	Continues int64 `json:"continues"`
	// Texts, Withdrawn and Sealed add up to Size when each entry's text could be read. Tiles counts tiles of hashes.
	Texts     int64 `json:"texts"`
	Withdrawn int64 `json:"withdrawn"`
	Sealed    int64 `json:"sealed"`
	Tiles     int64 `json:"tiles"`
	// Failures are listed in the order in which they were found, up to 20; More counts the others.
	Failures []Failure `json:"failures"`
	More     int       `json:"more_failures"`

	unsettled int // failures that a notice on its way to the record would mend
}

// Failure is one thing that does not verify.
type Failure struct {
	// Entry is the index of the entry, or of the first one concerned; -1 where it is about the record as a whole.
	Entry int64 `json:"entry"`
	// Path is the address of the file that shows it.
	Path    string `json:"path,omitempty"`
	Problem string `json:"problem"`
}

func (f Failure) String() string {
	s := f.Problem
	if f.Entry >= 0 {
		s = fmt.Sprintf("entry %d: %s", f.Entry, s)
	}
	if f.Path != "" {
		s += " (" + f.Path + ")"
	}
	return s
}

func (r *Report) fail(f Failure) {
	for _, known := range r.Failures {
		if known == f {
			return
		}
	}
	if len(r.Failures) == maxFailures {
		r.More++
		return
	}
	r.Failures = append(r.Failures, f)
}

// failed tells whether anything failed yet.
func (r *Report) failed() bool { return len(r.Failures) > 0 }

// String is the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	if r.Verified {
		fmt.Fprintf(&b, "The record %s verifies: %d entries, %d texts, %d withdrawn, %d sealed.\n", r.Origin, r.Size, r.Texts, r.Withdrawn, r.Sealed)
		fmt.Fprintf(&b, "Root %s\n", r.Root)
	} else {
		fmt.Fprintf(&b, "The record %s DOES NOT VERIFY: %d of its parts fail.\n", r.Origin, len(r.Failures)+r.More)
		for _, f := range r.Failures {
			fmt.Fprintf(&b, "- %s\n", f)
		}
		if r.More > 0 {
			fmt.Fprintf(&b, "- and %d more\n", r.More)
		}
	}
	fmt.Fprintf(&b, "Key %s\n", r.Key)
	if r.KeyFromSource {
		b.WriteString("The key came from the record itself: compare it with one that you got elsewhere.\n")
	}
	if r.Continues >= 0 && r.Verified {
		fmt.Fprintf(&b, "It continues the record of %d entries that was seen before.\n", r.Continues)
	}
	return b.String()
}
