// Package caption reads the transcripts that meeting tools write: WebVTT (W3C Candidate Recommendation, 4 April 2019) and
// SubRip (.srt, which has no specification). It keeps who spoke, where the file says so, and drops how it looked.
package caption

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Cue is a piece of a transcript.
type Cue struct {
	// Start and End count from the beginning of the recording.
	Start, End time.Duration
	// Voice is who speaks, as the tool names them; empty where it does not say.
	Voice string
	// Text is what was said, in one line.
	Text string
}

// The bounds of a transcript: a day of talk is about a million bytes.
const (
	MaxBytes = 16 << 20
	MaxCues  = 100_000
)

// Code says what is wrong with a transcript, for messages in other languages.
type Code string

// The codes of problems.
const (
	TooLarge  Code = "too_large"  // more bytes or cues than the bounds
	NotUTF8   Code = "not_utf8"   // the file has another encoding
	NoCaption Code = "no_caption" // neither WebVTT nor SubRip
	BadTime   Code = "bad_time"   // a cue's times cannot be read, or it ends before it starts
)

// Codes lists all codes.
func Codes() []Code { return []Code{TooLarge, NotUTF8, NoCaption, BadTime} }

// Problem says what is wrong, and on which line of the file, counted from 1; 0 for the file as a whole.
type Problem struct {
	Code Code
	Line int
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return "reading a transcript: " + string(p.Code)
	}
	return fmt.Sprintf("reading a transcript: line %d: %s", p.Line, p.Code)
}

// Read reads a transcript of either format. An error that is not the reader's is a *Problem.
func Read(r io.Reader) ([]Cue, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading a transcript: %w", err)
	}
	if len(body) > MaxBytes {
		return nil, &Problem{Code: TooLarge}
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		return nil, &Problem{Code: NotUTF8}
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(string(body))
	f := file{lines: strings.Split(text, "\n")}
	f.vtt = strings.HasPrefix(text, "WEBVTT") && (len(text) == 6 || strings.ContainsRune(" \t\n", rune(text[6])))
	cues, err := f.cues()
	if err == nil && len(cues) == 0 && !f.vtt {
		err = &Problem{Code: NoCaption}
	}
	return cues, err
}

// file is a transcript by lines.
type file struct {
	lines []string
	vtt   bool
}

// cues reads block by block; blocks are separated by empty lines. A block without times is a header, a comment or a
// style, and is passed over.
func (f *file) cues() ([]Cue, error) {
	var all []Cue
	for at := 0; at < len(f.lines); {
		if strings.TrimSpace(f.lines[at]) == "" {
			at++
			continue
		}
		end := at
		for end < len(f.lines) && strings.TrimSpace(f.lines[end]) != "" {
			end++
		}
		block := f.lines[at:end]
		times := 0 // the line of the block with the times: the first, or the second after a name or number
		for times < min(2, len(block)) && !strings.Contains(block[times], "-->") {
			times++
		}
		if times < min(2, len(block)) {
			cue, err := readTimes(block[times])
			if err != nil {
				return nil, &Problem{BadTime, at + times + 1}
			}
			cue.Voice, cue.Text = spoken(strings.Join(block[times+1:], "\n"))
			if cue.Text != "" {
				all = append(all, cue)
			}
			if len(all) > MaxCues {
				return nil, &Problem{TooLarge, at + 1}
			}
		}
		at = end
	}
	return all, nil
}

func readTimes(line string) (Cue, error) {
	from, rest, _ := strings.Cut(line, "-->")
	to, _, _ := strings.Cut(strings.TrimSpace(rest), " ") // settings of the cue's place may follow
	var c Cue
	var errs [2]error
	c.Start, errs[0] = readTime(from)
	c.End, errs[1] = readTime(to)
	if c.End < c.Start {
		return c, errors.New("it ends before it starts")
	}
	return c, errors.Join(errs[:]...)
}

// clock is a time: hours are optional, and SubRip writes a comma.
var clock = regexp.MustCompile(`^(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})$`)

func readTime(s string) (time.Duration, error) {
	m := clock.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, errors.New("not a time")
	}
	n := func(i int) time.Duration {
		v, _ := strconv.Atoi(m[i]) // digits, few
		return time.Duration(v)
	}
	if n(2) > 59 || n(3) > 59 {
		return 0, errors.New("not a time")
	}
	millis, _ := strconv.Atoi((m[4] + "00")[:3])
	return n(1)*time.Hour + n(2)*time.Minute + n(3)*time.Second + time.Duration(millis)*time.Millisecond, nil
}

var (
	voice = regexp.MustCompile(`(?i)<v(?:\.[^ \t\n>]*)?[ \t]+([^>]*)>`)
	tag   = regexp.MustCompile(`</?[a-zA-Z0-9][^<>]*>|<[0-9:.]+>|\{\\[^}]*\}`)
	// named is how tools without voice tags write who speaks: "Name: text".
	named = regexp.MustCompile(`^([^:<>\n]{2,80}): +(\S)`)
)

// spoken takes apart who speaks and what they say.
func spoken(raw string) (who, text string) {
	if m := voice.FindStringSubmatch(raw); m != nil {
		who = line(html.UnescapeString(m[1]))
	}
	text = line(html.UnescapeString(tag.ReplaceAllString(raw, " ")))
	if who == "" {
		if m := named.FindStringSubmatchIndex(text); m != nil && strings.Count(text[m[2]:m[3]], " ") < 8 {
			who, text = text[m[2]:m[3]], text[m[4]:]
		}
	}
	return who, text
}

// line puts a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Turn is what one voice says without a break.
type Turn struct {
	Start, End time.Duration
	Voice      string
	Text       string
}

// Turns joins cues that follow each other in one voice. Cues without a voice go on with the one before where the pause
// between them is at most gap, and begin a turn without a voice where it is longer.
func Turns(cues []Cue, gap time.Duration) []Turn {
	var all []Turn
	for _, c := range cues {
		if n := len(all) - 1; n >= 0 {
			last := &all[n]
			if c.Voice == last.Voice || c.Voice == "" && c.Start-last.End <= gap {
				last.End = max(last.End, c.End)
				last.Text += " " + c.Text
				continue
			}
		}
		all = append(all, Turn(c))
	}
	return all
}
