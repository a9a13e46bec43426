<?php // What portals do: a number changed without a word, a post in the bin, other bytes in a document, a new post.
require getenv('SITE') . '/wp-load.php';
$post = get_page_by_path('huyen-mau-ban-viec-duong-lien-xa-na-vi-ky-1', OBJECT, 'post');
wp_update_post(['ID' => $post->ID, 'post_content' => str_replace('trước ngày 2/12', 'trước ngày 20/12', $post->post_content)]);
echo 'edited     ', get_permalink($post), "\n";
$post = get_page_by_path('huyen-mau-ban-viec-rung-dac-dung-ky-2', OBJECT, 'post');
echo 'withdrawn  ', get_permalink($post), "\n";
wp_trash_post($post->ID);
$file = glob(WP_CONTENT_DIR . '/uploads/*/*/quyet-dinh-12.pdf')[0];
file_put_contents($file, "% thay\n", FILE_APPEND);
echo 'swapped    ', $file, "\n";
$id = wp_insert_post(['post_title' => 'Huyện Mẫu khởi công cầu Nà Ví', 'post_status' => 'publish', 'post_author' => $post->post_author, 'tags_input' => ['cầu'],
  'post_category' => wp_get_post_categories($post->ID), 'post_content' => '<!-- wp:paragraph --><p>Sáng nay, huyện Mẫu khởi công cầu Nà Ví dài 120 m, nối hai xã vùng cao với '
  . 'tỉnh lộ; công trình dự kiến hoàn thành trong 14 tháng, phục vụ hơn 3.000 hộ dân.</p><!-- /wp:paragraph -->']);
echo 'new        ', get_permalink($id), "\n";
