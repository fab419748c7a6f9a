-- What a dialogue put to States and others to act on. id is the subject of the record that it comes from; text is words
-- by language and cites the entries that it rests on, as JSON. entry is the one with which it came into the follow-up.
create table followup_point (
  org       text    not null,
  id        text    not null,
  origin    text    not null,
  kind      text    not null,
  need      text    not null,
  text      text    not null,
  cites     text    not null,
  sample    integer not null,
  place     integer not null,
  at        bigint  not null,
  entry     text    not null,
  withdrawn bigint  not null,
  primary key (org, id)
);
create index followup_point_origin on followup_point (org, origin, place);

-- Which entries a point rests on, to find from what was said where it went.
create table followup_cite (
  org   text not null,
  entry text not null,
  point text not null,
  primary key (org, entry, point)
);
create index followup_cite_point on followup_cite (org, point);

-- A point was put to a State: way says how, day when. confirmed is the day on which the State had it; empty while that is
-- not known. receiver is the office that confirmed it, and is not public.
create table followup_delivery (
  org       text   not null,
  id        text   not null,
  point     text   not null,
  state     text   not null,
  way       text   not null,
  day       text   not null,
  reference text   not null,
  person    text   not null,
  entry     text   not null,
  confirmed text   not null,
  receiver  text   not null,
  confirmer text   not null,
  proof     text   not null,
  primary key (org, id)
);
create index followup_delivery_point on followup_delivery (org, point, state);
create index followup_delivery_state on followup_delivery (org, state);

-- What a State says of a point. number counts what it has said or is drafting, edit the changes of a draft; writer made
-- the last of them and clearer is the second person. body is JSON.
create table followup_answer (
  org     text    not null,
  point   text    not null,
  state   text    not null,
  number  integer not null,
  stage   text    not null,
  kind    text    not null,
  body    text    not null,
  edit    integer not null,
  writer  text    not null,
  clearer text    not null,
  note    text    not null,
  at      bigint  not null,
  entry   text    not null,
  primary key (org, point, state, number)
);
create index followup_answer_state on followup_answer (org, state, stage);

-- What a stakeholder says of a point, or of what a State committed itself to. named says whether the organisation is
-- shown, or its category alone. evidence is a list as JSON.
create table followup_view (
  org          text    not null,
  id           text    not null,
  point        text    not null,
  about        text    not null,
  kind         text    not null,
  organisation text    not null,
  category     text    not null,
  named        integer not null,
  text         text    not null,
  evidence     text    not null,
  person       text    not null,
  at           bigint  not null,
  entry        text    not null,
  withdrawn    bigint  not null,
  primary key (org, id)
);
create index followup_view_point on followup_view (org, point);
create index followup_view_organisation on followup_view (org, organisation);

-- A line that an editor draws from a point to an item of a later dialogue.
create table followup_link (
  org       text   not null,
  id        text   not null,
  point     text   not null,
  later     text   not null,
  item      text   not null,
  relation  text   not null,
  why       text   not null,
  person    text   not null,
  at        bigint not null,
  entry     text   not null,
  withdrawn bigint not null,
  primary key (org, id)
);
create index followup_link_point on followup_link (org, point);

-- The public acts on each point, counted from 1: their order does not rest on the clock.
create table followup_act (
  org    text    not null,
  point  text    not null,
  number integer not null,
  what   text    not null,
  state  text    not null,
  at     bigint  not null,
  entry  text    not null,
  primary key (org, point, number)
);
create index followup_act_at on followup_act (org, at);

-- How far authors have been told what became of what they said: everything before since, and of what happened until
-- until those whose key is not after reached. until is 0 while no round runs.
create table followup_round (
  org     text   not null,
  id      text   not null,
  since   bigint not null,
  until   bigint not null,
  reached text   not null,
  primary key (org, id)
);
