#!/usr/bin/env bash
# Makes the clips of this folder, and the sample in the package: every picture is drawn by ffmpeg, every word is spoken by espeak-ng.
# Needs ffmpeg with libx264, espeak-ng and the font DejaVu Sans.
set -euo pipefail
cd "$(dirname "$0")"
speech=$(mktemp -d)
trap 'rm -r "$speech"' EXIT

# say NAME WORDS: speaks the words into a file
say() { espeak-ng -v en-us -s 150 -w "$speech/$1.wav" "$2"; }

bitrate=64k # of the sound

# make CLIP SECONDS FILTERS NAME...: draws [video] with the filters, which also mix the spoken names, in order, into [audio]
make() {
  local clip=$1 seconds=$2 filters=$3 name inputs=() container=()
  for name in "${@:4}"; do inputs+=(-i "$speech/$name.wav"); done
  [[ $clip == *.mp4 ]] && container=(-movflags +faststart)
  ffmpeg -v error -y -fflags +bitexact "${inputs[@]}" -filter_complex "$filters" -map '[video]' -map '[audio]' -t "$seconds" \
    -c:v libx264 -preset veryslow -crf 25 -pix_fmt yuv420p -c:a aac -b:a $bitrate -ac 1 -ar 44100 -flags +bitexact "${container[@]}" "$clip"
}

text="drawtext=font='DejaVu Sans':fontcolor"
still=duration=0.04 # one frame, which an overlay repeats

say ball 'An orange ball bounces on a green floor.'
say moves 'It moves from left to right, under a blue sky.'
say five_times 'The ball touches the floor five times.'
make bouncing_ball.mp4 10 "
  gradients=size=480x360:rate=25:duration=10:n=2:c0=0x3f8fe0:c1=0xbfe3ff:x0=240:y0=0:x1=240:y1=280:speed=0.00001,
    drawbox=y=290:h=70:color=0x2f9e44:t=fill[scene];
  color=black:size=100x20:$still, format=rgba,
    geq=r=0:g=0:b=0:a='110*lte(hypot((X-49.5)/50, (Y-9.5)/10), 1)'[shadow];
  color=orange:size=80x80:$still, format=rgba,
    geq=r='255-hypot(X-28, Y-26)':g='165-1.5*hypot(X-28, Y-26)':b=20:a='255*lte(hypot(X-39.5, Y-39.5), 39)'[ball];
  [scene][shadow]overlay=x='10+34*t':y=308[floor];
  [floor][ball]overlay=x='20+34*t':y='8+230*pow(mod(t+1, 2)-1, 2)',
    $text=white:text='bounces\: %{eif\:floor((t+1)/2)\:d}':fontsize=24:x=16:y=322[video];
  [0]adelay=500[a]; [1]adelay=3700[b]; [2]adelay=7000[c]; [a][b][c]amix=3:normalize=0, apad=whole_dur=10[audio]" \
  ball moves five_times

say pad 'A white rocket stands on the launch pad, under a starry sky.'
for number in five four three two one; do say $number $number; done
say liftoff 'Lift off! The rocket climbs on an orange flame and leaves the picture.'
star='not(mod(7919*X+104729*Y+31*X*Y, 997))'
window='between(X, 22, 38)*between(Y, 48, 64)'
hull='lt(abs(X-29.5), if(lt(Y, 35), Y/2, 17+max(0, (Y-85)/2)))' # nose, body, fins
make rocket_countdown.mp4 15 "
  color=black:size=640x360:rate=30:$still, format=rgb24, geq=r='11+219*$star':g='16+214*$star':b='48+207*$star',
    loop=-1:size=1, trim=duration=15,
    drawbox=y=320:h=40:color=0x404048:t=fill, drawbox=x=270:y=310:w=100:h=10:color=0x9a9aa5:t=fill[scene];
  color=orange:size=24x40:rate=30:duration=15, format=rgba,
    geq=r=255:g='120+90*sin(40*T+X/4)':b=20:a='255*lt(abs(X-11.5), 12-0.3*Y)'[flame];
  color=white:size=60x110:$still, format=rgba,
    geq=r='240-200*$window':g='240-150*$window':b='240-40*$window':a='255*$hull'[rocket];
  [scene][flame]overlay=x=308:y='310-20*pow(t-10, 2)':enable='gte(t, 10)'[sky];
  [sky][rocket]overlay=x=290:y='200-20*pow(max(0, t-10), 2)',
    $text=yellow:text='%{eif\:ceil(10-t)\:d}':enable='between(t, 5, 9.99)':fontsize=120:x=90:y=110,
    $text=yellow:text='LIFT-OFF':enable='gte(t, 10)':fontsize=44:x=40:y=140[video];
  [0]adelay=300[p]; [1]adelay=5000[a]; [2]adelay=6000[b]; [3]adelay=7000[c]; [4]adelay=8000[d]; [5]adelay=9000[e];
  [6]adelay=10000[f]; [p][a][b][c][d][e][f]amix=7:normalize=0, apad=whole_dur=15[audio]" \
  pad five four three two one liftoff

say title "This is Conway's Game of Life."
say green 'Green cells are born, and live, and die, on a dark grid.'
say red 'Dead cells fade from red to black.'
make game_of_life.mov 12 "
  life=size=64x36:rate=6:random_seed=7:random_fill_ratio=0.3:mold=12:life_color=0x4ade80:death_color=0xdc2626:mold_color=0x101418,
    trim=duration=12, scale=640:360:flags=neighbor, fps=24, drawbox=y=324:h=36:color=black:t=fill,
    $text=white:text='Game of Life, generation %{eif\:floor(6*t)\:d}':fontsize=20:x=14:y=333[video];
  [0]adelay=500[a]; [1]adelay=3200[b]; [2]adelay=8000[c]; [a][b][c]amix=3:normalize=0, apad=whole_dur=12[audio]" \
  title green red

# `testing.sample_clip()`: small, therefore a plain picture and a rising tone.
bitrate=16k
make ../../twelvelabs_async/testing/red_balloon.mp4 12 "
  gradients=size=480x360:rate=15:duration=12:n=2:c0=0x4f9be8:c1=0xd6ecff:x0=240:y0=0:x1=240:y1=300:speed=0.00001,
    drawbox=y=310:h=50:color=0x4caf50:t=fill[scene];
  color=red:size=80x160:$still, format=rgba,
    geq=r='225-hypot(X-28, Y-34)':g=30:b=40:a='255*gt(lte(hypot((X-39.5)/40, (Y-49.5)/50), 1)+between(X, 39, 40)*gt(Y, 99), 0)'[balloon];
  [scene][balloon]overlay=x='200+40*sin(t/2)':y='300-35*t'[video];
  aevalsrc='0.2*sin(2*PI*(220*t+10*t*t))':sample_rate=44100:duration=12[audio]"
