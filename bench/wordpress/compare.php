<?php // What WordPress' own database says is public, field by field, against the exported articles.
require getenv('SITE') . '/wp-load.php';
$kept = [];
foreach (file($argv[1]) as $line) { $article = json_decode($line, true); $kept[$article['url']] = $article; }
$public = $differences = 0;
foreach (get_posts(['numberposts' => -1, 'post_type' => ['post', 'page'], 'post_status' => 'publish']) as $post) {
  $public++;
  $url = get_permalink($post);
  $article = $kept[$url] ?? null;
  unset($kept[$url]);
  if (!$article) { echo "missing $url\n"; $differences++; continue; }
  preg_match_all('~<p>(.*?)</p>~s', $post->post_content, $paragraphs);
  $wanted = ['title' => $post->post_title, 'text' => implode("\n\n", $paragraphs[1]), 'files' => substr_count($post->post_content, 'wp:file {'),
             'images' => substr_count($post->post_content, 'wp:image {') + (has_post_thumbnail($post) ? 1 : 0)];
  $found = ['title' => $article['title'], 'text' => $article['text'], 'files' => count($article['attachments']), 'images' => count($article['images'])];
  if ($post->post_type == 'post') {
    $wanted += ['published' => str_replace(' ', 'T', $post->post_date), 'authors' => [get_the_author_meta('display_name', $post->post_author)],
                'section' => wp_list_pluck(get_the_category($post->ID), 'name'), 'tags' => wp_list_pluck(get_the_tags($post->ID) ?: [], 'name')];
    $found += ['published' => substr($article['published'], 0, 19), 'authors' => $article['authors'], 'section' => $article['section'], 'tags' => $article['tags']];
  }
  foreach ($wanted as $name => $value)
    if ($value != $found[$name]) { echo "$name differs: $url ", json_encode([$value, $found[$name]], JSON_UNESCAPED_UNICODE), "\n"; $differences++; }
}
foreach ($kept as $url => $article) echo "no longer public: $url\n";
echo "$public public, $differences differences\n";
