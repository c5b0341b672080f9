#!/usr/bin/env perl
# Finds ids by docs/formats/datafile.md alone, in another language than the library's: the bucketing of that page, written
# anew, over a published datafile that nobody signed.
#   find_by_hand.pl DATAFILE PREFIX COUNT [EXPERIMENT=VARIANT]...
# Prints the first COUNT ids PREFIX000001, PREFIX000002, … that are in each variant and held out of nothing.
use strict;
use warnings;
no warnings 'portable';  # 64 bits are needed
use JSON::PP;

my ($file, $prefix, $count, @wants) = @ARGV;
die "usage: find_by_hand.pl DATAFILE PREFIX COUNT EXPERIMENT=VARIANT...\n" unless @wants;
open(my $in, '<:raw', $file) or die "$file: $!\n";
my $rules = decode_json(do { local $/; <$in> });

# XXH64, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, on 64-bit integers that wrap.
my ($p1, $p2, $p3, $p4, $p5) =
  (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5);
sub mul { use integer; my $r = $_[0] * $_[1]; no integer; return $r & ~0 }
sub add { use integer; my $r = 0; $r += $_ for @_; no integer; return $r & ~0 }
sub rotl { my ($x, $n) = @_; return (($x << $n) | ($x >> (64 - $n))) & ~0 }
sub turn { my ($acc, $lane) = @_; return mul(rotl(add($acc, mul($lane, $p2)), 31), $p1) }

sub xxh64 {
  my ($bytes) = @_;
  my ($at, $size, $hash) = (0, length $bytes);
  if ($size >= 32) {
    my @acc = (add($p1, $p2), $p2, 0, add(~$p1, 1));
    for (; $at + 32 <= $size; $at += 32) {
      my @lanes = unpack('Q<4', substr($bytes, $at, 32));
      $acc[$_] = turn($acc[$_], $lanes[$_]) for 0 .. 3;
    }
    $hash = add(rotl($acc[0], 1), rotl($acc[1], 7), rotl($acc[2], 12), rotl($acc[3], 18));
    $hash = add(mul($hash ^ turn(0, $_), $p1), $p4) for @acc;
  } else {
    $hash = $p5;
  }
  $hash = add($hash, $size);
  for (; $at + 8 <= $size; $at += 8) {
    $hash = add(mul(rotl($hash ^ turn(0, unpack('Q<', substr($bytes, $at, 8))), 27), $p1), $p4);
  }
  if ($at + 4 <= $size) {
    $hash = add(mul(rotl($hash ^ mul(unpack('L<', substr($bytes, $at, 4)), $p1), 23), $p2), $p3);
    $at += 4;
  }
  for (; $at < $size; ++$at) {
    $hash = mul(rotl($hash ^ mul(ord(substr($bytes, $at, 1)), $p5), 11), $p1);
  }
  $hash = mul($hash ^ ($hash >> 33), $p2);
  $hash = mul($hash ^ ($hash >> 29), $p3);
  return $hash ^ ($hash >> 32);
}
# What xxHash publishes for it: "" and "abc", seed 0.
die "XXH64 is wrong\n" unless xxh64('') == 0xEF46DB3751D8E999 && xxh64('abc') == 0x44BC2CF5AD770999;

# The upper 64 of the 128 bits of hash × 1,000,000.
sub slot {
  my ($purpose, $salt, $id) = @_;
  my $hash = xxh64("$purpose\x1F$salt\x1F$id");
  my ($high, $low) = ($hash >> 32, $hash & 0xFFFFFFFF);
  return ($high * 1_000_000 + (($low * 1_000_000) >> 32)) >> 32;
}
sub is_in { my ($slot, $ranges) = @_; return !!grep { $slot >= $_->[0] && $slot < $_->[1] } @$ranges }

sub variant_of {
  my ($id, $key) = @_;
  my $experiment = $rules->{experiments}{$key} or die "there is no experiment $key\n";
  my $layer = $rules->{layers}{ $experiment->{layer} };
  return 'none' unless is_in(slot('l', $layer->{salt}, $id), $experiment->{slots});
  my $slot = slot('s', $experiment->{salt}, $id);
  for my $name (keys %{ $experiment->{variants} }) {
    return $name if is_in($slot, $experiment->{variants}{$name}{slots});
  }
  return 'none';
}

sub is_held_out {
  my ($id) = @_;
  return !!grep { slot('h', $_->{salt}, $id) < $_->{size} } values %{ $rules->{holdouts} || {} };
}

for (my ($i, $found) = (1, 0); $found < $count; ++$i) {
  my $id = sprintf('%s%06d', $prefix, $i);
  next if is_held_out($id) || grep { my ($key, $wanted) = split /=/; variant_of($id, $key) ne $wanted } @wants;
  print "$id\n";
  ++$found;
}
