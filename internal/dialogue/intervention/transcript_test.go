package intervention

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/caption"
)

var opened = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func speech(n int, who Participant, from, to int) Speech {
	return Speech{N: n, Item: "panels", Lang: "en", Participant: who, Spans: []Span{{opened.Add(time.Duration(from) * time.Second), opened.Add(time.Duration(to) * time.Second)}}}
}

// said is a turn of a transcript whose recording began 95 seconds after the meeting.
func said(from, to int, voice, text string) caption.Turn {
	return caption.Turn{Start: time.Duration(from-95) * time.Second, End: time.Duration(to-95) * time.Second, Voice: voice, Text: text}
}

func TestCut(t *testing.T) {
	speeches := []Speech{speech(1, coast, 120, 300), speech(2, lab, 310, 480), speech(3, witness, 900, 1000)}
	turns := []caption.Turn{
		said(100, 110, "Chair", "I open the list."),
		said(123, 200, "Sample Coast (remote)", "Rescue first."), said(204, 298, "Sample Coast (remote)", "Then data."),
		said(312, 470, "Migration Lab", "We measured."), said(700, 760, "Somebody", "Out of turn."), said(905, 990, "", "I will not be named."),
	}
	recorded, share := Offset(turns, speeches)
	if d := recorded.Sub(opened.Add(95 * time.Second)).Abs(); d > 6*time.Second || share < 0.6 {
		t.Errorf("the recording is found %s beside its beginning, share %.2f", d, share)
	}
	var got []string
	for _, p := range Cut(turns, speeches, opened.Add(95*time.Second)) {
		got = append(got, fmt.Sprintf("%d %s %q", p.Speech, p.Confidence, p.Text))
	}
	want := []string{`0 doubtful "I open the list."`, `1 sure "Rescue first.\n\nThen data."`, `2 sure "We measured."`, `0 doubtful "Out of turn."`, `3 likely "I will not be named."`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("cut into\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if at, share := Offset(nil, speeches); !at.IsZero() || share != 0 {
		t.Errorf("nothing fits at %s, %f", at, share)
	}
}

// An officer corrects the proposal, and each speaker confirms their own words.
func TestTranscriptBecomesInterventions(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.speeches = []Speech{speech(1, coast, 0, 60), speech(2, lab, 70, 130)}
		vtt := "WEBVTT\n\n00:00:01.000 --> 00:00:55.000\n<v Sample Coast Network>Rescue comes first.\n\n00:01:12.000 --> 00:02:05.000\n<v Sample Migration Lab>We measured it twice.\n\n00:10:00.000 --> 00:10:30.000\n<v Nobody>Microphone test.\n"
		path := deskBase + "/transcript"
		g.upload("officer", path, "file", []Upload{{"x.vtt", []byte("not a transcript")}}, "lang", "en").wants(422, "neither VTT nor SRT")
		a := g.upload("officer", path, "file", []Upload{{"meeting.vtt", []byte(vtt)}}, "lang", "en", "began", "2026-11-23T10:00:00")
		a.wants(200, "The proposal", "Rescue comes first.", `<option value="1" selected>`, "One piece fits no turn")
		g.upload("officer", path, "file", []Upload{{"meeting.vtt", []byte(vtt)}}, "lang", "en").wants(200, `<option value="2" selected>`)
		g.post("officer", path, "take", "yes", "token", a.hidden("token"), "lang", "en", "turn-0", "1", "text-0", "Rescue comes first.", "turn-1", "2", "text-1", "We measured it three times.", "turn-2", "", "text-2", "Microphone test.").wants(303)
		g.get("officer", deskBase+"?done=taken").wants(200, "Waits for its author (2)", "We measured it three times.").without("Microphone")
		g.get("", g.link(coastMail)).wants(200, "from what you said on the floor", "Transcript of the meeting", "perhaps not be read right")
	})
}

func FuzzCut(f *testing.F) {
	f.Add("WEBVTT\n\n00:00:01.000 --> 00:00:55.000\n<v A>Words.\n", 60)
	f.Add("1\n00:00:01,000 --> 00:00:02,000\nHello\n", 0)
	f.Fuzz(func(t *testing.T, text string, at int) {
		cues, err := caption.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		turns := caption.Turns(cues, joinGap)
		speeches := []Speech{speech(1, coast, 0, 60), speech(2, lab, 70, 130)}
		Offset(turns, speeches)
		pieces := Cut(turns, speeches, opened.Add(time.Duration(at%10000)*time.Second))
		said := 0
		for _, p := range pieces {
			said += len(strings.ReplaceAll(p.Text, "\n\n", ""))
		}
		all := 0
		for _, turn := range turns {
			all += len(strings.ReplaceAll(turn.Text, "\n\n", ""))
		}
		if said != all {
			t.Fatalf("%d of %d bytes are in the pieces", said, all)
		}
	})
}
