package intervention

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/caption"
)

// Piece is a part of a transcript that one speaker seems to have said.
type Piece struct {
	// Speech is the turn on the floor, 0 where none fits.
	Speech int
	// Voice is what the transcript calls the speaker.
	Voice      string
	Start, End time.Duration
	Text       string
	Confidence Confidence
}

// nearby is how far from a turn's times what belongs to it may lie: a microphone that is opened late.
const nearby = 20 * time.Second

// Cut proposes which turn on the floor each part of a transcript belongs to: the one that it overlaps most in time,
// where a like name counts as much as being there all the time. recorded is when the recording began. Parts that follow
// each other in one turn are joined. What fits no turn stands by itself, with Speech 0.
func Cut(turns []caption.Turn, speeches []Speech, recorded time.Time) []Piece {
	var all []Piece
	for _, t := range turns {
		p := Piece{Voice: t.Voice, Start: t.Start, End: t.End, Text: t.Text, Confidence: Doubtful}
		best := 0.0
		for _, s := range speeches {
			share := overlap(recorded.Add(t.Start), recorded.Add(t.End), s)
			if share == 0 {
				continue
			}
			named := alikeNames(t.Voice, s.Participant.Label)
			score := share + named
			if score > best {
				best, p.Speech = score, s.N
				switch {
				case share >= 0.8 && named > 0.5:
					p.Confidence = Sure
				case share >= 0.8 || share >= 0.4 && named > 0.5:
					p.Confidence = Likely
				default:
					p.Confidence = Doubtful
				}
			}
		}
		if best < 0.3 {
			p.Speech, p.Confidence = 0, Doubtful
		}
		if n := len(all); n > 0 && p.Speech > 0 && all[n-1].Speech == p.Speech {
			last := &all[n-1]
			last.End, last.Text = p.End, last.Text+"\n\n"+p.Text
			last.Confidence = weaker(last.Confidence, p.Confidence)
			if last.Voice == "" {
				last.Voice = p.Voice
			}
			continue
		}
		all = append(all, p)
	}
	return all
}

// overlap is the share of a stretch that lies in a turn, or, where none does, a little for lying close.
func overlap(from, to time.Time, s Speech) float64 {
	length := max(to.Sub(from), time.Millisecond)
	var in time.Duration
	near := false
	for _, span := range s.Spans {
		if d := minTime(to, span.To).Sub(maxTime(from, span.From)); d > 0 {
			in += d
		} else if d > -nearby {
			near = true
		}
	}
	if in == 0 && near {
		return 0.1
	}
	return float64(in) / float64(length)
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// alikeNames tells how much of the shorter of two names stands in the other, from 0 to 1, by whole words.
func alikeNames(a, b string) float64 {
	words := func(s string) (out []string) {
		for _, t := range tokens(s) {
			if w := fold(latinEnglish, t.text); len([]rune(w)) > 1 {
				out = append(out, w)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	x, y := words(a), words(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	n := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			n++
		}
	}
	return float64(n) / float64(min(len(x), len(y)))
}

// Offset finds when a recording began, so that its parts fit the turns on the floor best: it tries the beginnings at
// which a part and a turn would start together. The share, from 0 to 1, tells how much of what was recorded lies in a
// turn then, and in one of a like name where names are given.
func Offset(turns []caption.Turn, speeches []Speech) (recorded time.Time, share float64) {
	var starts []time.Time
	for _, s := range speeches {
		if len(s.Spans) > 0 {
			starts = append(starts, s.Spans[0].From)
		}
	}
	if len(starts) == 0 || len(turns) == 0 {
		return time.Time{}, 0
	}
	longest := slices.Clone(turns)
	slices.SortStableFunc(longest, func(a, b caption.Turn) int { return cmp.Compare(b.End-b.Start, a.End-a.Start) })
	longest = longest[:min(len(longest), 24)]
	seen := map[int64]bool{}
	for _, t := range longest {
		for _, start := range starts {
			at := start.Add(-t.Start)
			if key := at.Unix() / 2; seen[key] {
				continue
			} else {
				seen[key] = true
			}
			if s := fit(longest, speeches, at); s > share {
				recorded, share = at, s
			}
		}
	}
	return recorded, share
}

func fit(turns []caption.Turn, speeches []Speech, at time.Time) float64 {
	var in, all float64
	for _, t := range turns {
		length := (t.End - t.Start).Seconds()
		all += length
		best := 0.0
		for _, s := range speeches {
			o := overlap(at.Add(t.Start), at.Add(t.End), s)
			if o > 0.1 && t.Voice != "" && s.Participant.Label != "" {
				o *= 0.4 + 0.6*alikeNames(t.Voice, s.Participant.Label)
			}
			best = max(best, o)
		}
		in += best * length
	}
	if all == 0 {
		return 0
	}
	return in / all
}

// paragraphsOf breaks what was said into paragraphs of some sentences, where the transcript has none.
func paragraphsOf(said string) (out []string) {
	for part := range strings.SplitSeq(said, "\n\n") {
		part = strings.Join(strings.Fields(part), " ")
		for len(part) > 1200 {
			cut := -1
			for _, end := range []string{". ", "? ", "! ", "؟ ", "。"} {
				if i := strings.LastIndex(part[:1000], end); i > cut {
					cut = i + len(end)
				}
			}
			if cut < 200 {
				break
			}
			out = append(out, strings.TrimSpace(part[:cut]))
			part = part[cut:]
		}
		if part != "" {
			out = append(out, part)
		}
	}
	return out
}
