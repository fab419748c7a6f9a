package caption

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	s  = time.Second
	ms = time.Millisecond
)

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want []Cue
	}{
		"WebVTT as a meeting tool writes it, with voices": {"WEBVTT\n\n2f1c-1/12-0\n00:00:03.120 --> 00:00:05.900\n<v Sample Speaker>Thank you, Chair.</v>\n\n2f1c-1/13-0\n00:00:06.000 --> 00:00:07.500\n<v Sample Speaker>We work at\nthe border.</v>\n",
			[]Cue{{3120 * ms, 5900 * ms, "Sample Speaker", "Thank you, Chair."}, {6 * s, 7500 * ms, "Sample Speaker", "We work at the border."}}},
		"WebVTT with names in the text": {"\ufeffWEBVTT\r\n\r\n1\r\n00:01.000 --> 00:02.000 align:start\r\nSample Chair: You have the floor.\r\n",
			[]Cue{{s, 2 * s, "Sample Chair", "You have the floor."}}},
		"header, notes, styles and regions": {"WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:01 is not --- a time\n\nREGION\nid:fred\n\n00:01.000 --> 00:02.000\n<c.loud>loud</c> <i>words</i> &amp; &lt;tags&gt; <00:01.500>later\n",
			[]Cue{{s, 2 * s, "", "loud words & <tags> later"}}},
		"SubRip": {"1\n00:00:01,5 --> 00:00:04,000\n{\\an8}<font color=\"red\">Первый</font>\nвторой\n\n2\n01:00:00,000 --> 01:00:01,000\n\n3\n01:00:02,000 --> 01:00:03,000\nمتحدث: نص\n",
			[]Cue{{1500 * ms, 4 * s, "", "Первый второй"}, {3602 * s, 3603 * s, "متحدث", "نص"}}},
		"a text with a colon is no name": {"WEBVTT\n\n00:01.000 --> 00:02.000\nI ask you one thing and it is the thing that matters: listen\n",
			[]Cue{{s, 2 * s, "", "I ask you one thing and it is the thing that matters: listen"}}},
		"nothing said": {"WEBVTT\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(strings.NewReader(test.in))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want Problem
	}{
		"another encoding":       {"WEBVTT\n\n00:01.000 --> 00:02.000\n\xe9t\xe9\n", Problem{Code: NotUTF8}},
		"a letter":               {"Dear Sir,\nhere is the transcript.\n", Problem{Code: NoCaption}},
		"empty":                  {"", Problem{Code: NoCaption}},
		"a time that is none":    {"WEBVTT\n\nname\n00:61.000 --> 00:62.000\nx\n", Problem{BadTime, 4}},
		"ends before it starts":  {"1\n00:00:02,000 --> 00:00:01,000\nx\n", Problem{BadTime, 2}},
		"too many bytes":         {strings.Repeat("x", MaxBytes+1), Problem{Code: TooLarge}},
		"too many pieces of cue": {"WEBVTT\n\n" + strings.Repeat("00:01.000 --> 00:02.000\nx\n\n", MaxCues+1), Problem{TooLarge, 3*MaxCues + 3}},
	} {
		var got *Problem
		if _, err := Read(strings.NewReader(test.in)); !errors.As(err, &got) || *got != test.want {
			t.Errorf("%s: %v, want %v", name, err, &test.want)
		}
	}
}

func TestTurns(t *testing.T) {
	got := Turns([]Cue{
		{0, s, "A", "one"}, {s, 2 * s, "A", "two"}, {3 * s, 4 * s, "", "three"}, {20 * s, 21 * s, "", "four"}, {21 * s, 22 * s, "B", "five"}, {22 * s, 23 * s, "A", "six"},
	}, 5*s)
	want := []Turn{{0, 4 * s, "A", "one two three"}, {20 * s, 21 * s, "", "four"}, {21 * s, 22 * s, "B", "five"}, {22 * s, 23 * s, "A", "six"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Name>text</v>\n")
	f.Add("1\n00:00:01,000 --> 00:00:02,000\nName: text\n")
	f.Fuzz(func(t *testing.T, in string) {
		cues, err := Read(strings.NewReader(in))
		var p *Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("an error of another kind: %v", err)
		}
		for _, c := range cues {
			if c.End < c.Start || c.Text == "" || strings.ContainsAny(c.Text+c.Voice, "\n\r") {
				t.Fatalf("a cue that cannot be: %+v", c)
			}
		}
	})
}
